import { randomUUID, type KeyObject } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import type { CommandMessage, FleetEvent, ParsedMessage } from "@fleetquake/contract";
import { SIGNATURE_PROPERTY, signBody } from "./command-signature.ts";

/** What the Standard tier of Service Bus lets through; nobody in a fleet sends more. */
export const LARGEST_BODY_IN_BYTES = 256 * 1_024;

/** A bus message as its bytes travel. */
export interface EncodedMessage extends ServiceBusMessage {
  readonly body: Buffer;
}

/**
 * A bus message for the wire: JSON in one data section, the type as subject, so that a subscription's filter could tell
 * the types apart. A command's message id is the command's id, whoever sends it how often.
 */
export function encodeMessage(message: CommandMessage | FleetEvent): EncodedMessage {
  return {
    body: Buffer.from(JSON.stringify(message)),
    contentType: "application/json",
    subject: message.type,
    messageId: message.type === "command" ? message.command_id : randomUUID(),
  };
}

/** The message with a signature over the very bytes of its body as an application property. */
export function signMessage(message: EncodedMessage, key: KeyObject): EncodedMessage {
  return {
    ...message,
    applicationProperties: { [SIGNATURE_PROPERTY]: signBody(message.body, key) },
  };
}

/**
 * Reads the body of a received message and holds it to the contract.
 * Never throws, whatever came: what does not fit is a reason.
 * @param body what the SDK delivers with `skipParsingBodyAsJson`: the bytes of a data section, anything else otherwise
 */
export function decodeMessage<T>(
  body: unknown,
  parse: (value: unknown) => ParsedMessage<T>,
): ParsedMessage<T> {
  if (!(body instanceof Uint8Array)) {
    return { ok: false, reason: "the body is not one AMQP data section" };
  }
  if (body.byteLength > LARGEST_BODY_IN_BYTES) {
    return { ok: false, reason: `the body is larger than ${LARGEST_BODY_IN_BYTES} bytes` };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return { ok: false, reason: "the body is not JSON" };
  }
  try {
    return parse(value);
  } catch (error) {
    return { ok: false, reason: `the body could not be checked: ${String(error)}` };
  }
}
