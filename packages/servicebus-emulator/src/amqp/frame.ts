import { AmqpError, decodeError } from "./amqp-error.ts";
import type { AmqpValue } from "./amqp-value.ts";
import { describedValue, listValue } from "./encode-value.ts";
import { ValueReader } from "./value-reader.ts";

/** Descriptor codes of the performatives (AMQP 1.0 part 2.7 and 5.3.3). */
export const performative = {
  open: 0x10,
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  end: 0x17,
  close: 0x18,
  saslMechanisms: 0x40,
  saslInit: 0x41,
  saslOutcome: 0x44,
} as const;

export const frameType = { amqp: 0, sasl: 1 } as const;

/** What we promise to accept, and Service Bus does: no frame is longer, in bytes. */
export const maxFrameSize = 65_536;

/** The code of a frame without performative: a heartbeat. */
export const emptyFrameCode = 0;

/** One frame that arrived. */
export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly code: number;
  readonly fields: readonly AmqpValue[];
  readonly payload: Buffer;
}

/** An empty AMQP frame: keeps a connection alive, and carries the ACK of what came before. */
export const emptyFrame = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

const noFields: readonly AmqpValue[] = [];
const noPayload = Buffer.alloc(0);

/** Decodes a whole frame, size field included. @throws AmqpError on anything malformed. */
export function parseFrame(bytes: Buffer): Frame {
  const dataOffset = bytes.readUInt8(4) * 4;
  if (dataOffset < 8 || dataOffset > bytes.length) {
    throw new AmqpError("amqp:connection:framing-error", "A frame has an impossible data offset.");
  }
  const type = bytes.readUInt8(5);
  const channel = bytes.readUInt16BE(6);
  if (dataOffset === bytes.length) {
    return { type, channel, code: emptyFrameCode, fields: noFields, payload: noPayload };
  }
  const reader = new ValueReader(bytes, dataOffset);
  const code = reader.readDescriptor();
  const fields = reader.read();
  if (typeof code !== "number" || !Array.isArray(fields)) {
    throw decodeError("A frame must hold a performative with a numeric descriptor.");
  }
  return { type, channel, code, fields, payload: bytes.subarray(reader.offset) };
}

/** What a frame is and where it belongs. */
export interface FrameHead {
  readonly type: number;
  readonly channel: number;
  /** The code of its performative. */
  readonly code: number;
}

/** Encodes a frame from the encoded fields of its performative. */
export function encodeFrame(frame: FrameHead, fields: readonly Buffer[]): Buffer {
  const body = describedValue(frame.code, listValue(fields));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt8(2, 4);
  head.writeUInt8(frame.type, 5);
  head.writeUInt16BE(frame.channel, 6);
  return Buffer.concat([head, body]);
}
