import { decodeError } from "../amqp/amqp-error.ts";
import { ValueReader } from "../amqp/value-reader.ts";

/** Descriptor codes of the sections of a message (AMQP 1.0 part 3.2). */
export const sectionCode = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

/** One section: its code, and its value's bytes without the descriptor. */
export interface MessageSection {
  readonly code: number;
  readonly value: Buffer;
  /** The section with its descriptor. */
  readonly bytes: Buffer;
}

/** A map, because every object knows more names than it was given. */
const codesBySymbol: ReadonlyMap<string, number> = new Map([
  ["amqp:header:list", sectionCode.header],
  ["amqp:delivery-annotations:map", sectionCode.deliveryAnnotations],
  ["amqp:message-annotations:map", sectionCode.messageAnnotations],
  ["amqp:properties:list", sectionCode.properties],
  ["amqp:application-properties:map", sectionCode.applicationProperties],
  ["amqp:data:binary", sectionCode.data],
  ["amqp:amqp-sequence:list", sectionCode.sequence],
  ["amqp:amqp-value:*", sectionCode.value],
  ["amqp:value:*", sectionCode.value],
  ["amqp:footer:map", sectionCode.footer],
]);

/**
 * Cuts an encoded message into its sections without decoding any of them.
 *
 * @throws AmqpError amqp:decode-error when the bytes are not a message.
 */
export function readSections(message: Buffer): readonly MessageSection[] {
  const reader = new ValueReader(message);
  const sections: MessageSection[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    const descriptor = reader.readDescriptor();
    const code = typeof descriptor === "string" ? codesBySymbol.get(descriptor) : descriptor;
    if (code === undefined || code < sectionCode.header || code > sectionCode.footer) {
      throw decodeError("A message holds a section that AMQP does not know.");
    }
    const value = reader.readRaw();
    sections.push({ code, value, bytes: message.subarray(start, reader.offset) });
  }
  return sections;
}
