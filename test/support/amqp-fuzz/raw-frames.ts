import type { AmqpNode } from "./amqp-tree.ts";
import { writeWireUnit } from "./wire-unit.ts";

/** A field of a frame: null, a flag, a whole number to 255, a text, or a value that is encoded already. */
export type RawField = null | boolean | number | string | AmqpNode;

/** The header with which a client begins that does without SASL. */
export const AMQP_HEADER = Buffer.from("AMQP\u0000\u0001\u0000\u0000", "latin1");

/** An AMQP frame on channel 0 with the performative of this code, and a transfer's part of a message. */
export function rawFrame(
  code: number,
  fields: readonly RawField[],
  part: Buffer = Buffer.alloc(0),
): Buffer {
  const performative = described(code, fields);
  const payload = [{ kind: "plain", bytes: part }] as const;
  return writeWireUnit({ kind: "frame", type: 0, channel: 0, performative, payload });
}

/** A described list, such as a source or a target. */
export function described(code: number, fields: readonly RawField[]): AmqpNode {
  return {
    kind: "described",
    descriptor: { kind: "plain", bytes: Buffer.from([0x53, code]) },
    value: { kind: "list", items: fields.map(fieldNode) },
  };
}

function fieldNode(field: RawField): AmqpNode {
  if (field !== null && typeof field === "object") {
    return field;
  }
  return { kind: "plain", bytes: fieldBytes(field) };
}

function fieldBytes(field: null | boolean | number | string): Buffer {
  if (typeof field === "boolean") {
    return Buffer.from([field ? 0x41 : 0x42]);
  }
  if (typeof field === "number") {
    return Buffer.from([0x52, field]);
  }
  return field === null
    ? Buffer.from([0x40])
    : Buffer.concat([Buffer.from([0xa1, field.length]), Buffer.from(field, "latin1")]);
}
