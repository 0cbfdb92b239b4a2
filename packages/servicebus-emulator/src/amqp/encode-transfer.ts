import { frameType, performative } from "./frame.ts";

/** What differs from one transfer frame to the next. */
export interface TransferHead {
  readonly channel: number;
  readonly handle: number;
  readonly deliveryId: number;
  /** Up to 32 bytes; empty for a delivery that is settled already. */
  readonly tag: Buffer;
  readonly isSettled: boolean;
  readonly hasMore: boolean;
}

/** Frame header, descriptor, list header and all fixed fields, without the tag's bytes. */
const sizeWithoutTag = 8 + 3 + 3 + 5 + 5 + 2 + 1 + 1 + 1;

/**
 * Encodes a transfer frame up to its payload, which the caller appends. This runs once for every
 * message and receiver, so it writes into one buffer instead of joining encoded values.
 */
export function encodeTransfer(head: TransferHead, payloadSize: number): Buffer {
  const size = sizeWithoutTag + head.tag.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32BE(size + payloadSize, 0);
  bytes.writeUInt8(2, 4);
  bytes.writeUInt8(frameType.amqp, 5);
  bytes.writeUInt16BE(head.channel, 6);
  bytes.writeUIntBE(0x0053_00 + performative.transfer, 8, 3);
  bytes.writeUInt8(0xc0, 11);
  bytes.writeUInt8(size - 13, 12);
  bytes.writeUInt8(6, 13);
  bytes.writeUInt8(0x70, 14);
  bytes.writeUInt32BE(head.handle, 15);
  bytes.writeUInt8(0x70, 19);
  bytes.writeUInt32BE(head.deliveryId, 20);
  bytes.writeUInt8(0xa0, 24);
  bytes.writeUInt8(head.tag.length, 25);
  head.tag.copy(bytes, 26);
  const rest = 26 + head.tag.length;
  bytes.writeUInt8(0x43, rest);
  bytes.writeUInt8(head.isSettled ? 0x41 : 0x42, rest + 1);
  bytes.writeUInt8(head.hasMore ? 0x41 : 0x42, rest + 2);
  return bytes;
}
