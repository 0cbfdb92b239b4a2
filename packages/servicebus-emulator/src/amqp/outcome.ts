import type { AmqpError } from "./amqp-error.ts";
import { type AmqpMap, type AmqpValue, Described } from "./amqp-value.ts";
import {
  describedValue,
  listValue,
  mapValue,
  nullValue,
  stringValue,
  symbolValue,
} from "./encode-value.ts";
import { asMap } from "./fields.ts";

/** What a receiver says has become of a delivery (AMQP 1.0 part 3.4). */
export type Outcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "released" }
  | {
      readonly kind: "rejected";
      readonly condition: string | undefined;
      readonly description: string | undefined;
      readonly info: AmqpMap;
    }
  | {
      readonly kind: "modified";
      readonly isUndeliverableHere: boolean;
      readonly annotations: AmqpMap;
    }
  /** A transactional state, or one that AMQP does not know. */
  | { readonly kind: "unsupported"; readonly descriptor: number | string };

/** Reads a delivery state; undefined when there is none, or it only reports progress. */
export function readOutcome(state: AmqpValue): Outcome | undefined {
  if (!(state instanceof Described)) {
    return undefined;
  }
  const fields = Array.isArray(state.value) ? state.value : [];
  switch (state.descriptor) {
    case 0x23:
      return undefined;
    case 0x24:
      return { kind: "accepted" };
    case 0x25:
      return readRejected(fields[0] ?? null);
    case 0x26:
      return { kind: "released" };
    case 0x27:
      return {
        kind: "modified",
        isUndeliverableHere: fields[1] === true,
        annotations: asMap(fields[2] ?? null),
      };
    default:
      return { kind: "unsupported", descriptor: state.descriptor };
  }
}

function readRejected(error: AmqpValue): Outcome {
  const fields = error instanceof Described && Array.isArray(error.value) ? error.value : [];
  const [condition, description, info] = fields;
  return {
    kind: "rejected",
    condition: typeof condition === "string" ? condition : undefined,
    description: typeof description === "string" ? description : undefined,
    info: asMap(info ?? null),
  };
}

/** The bytes of the outcome "accepted". */
export const acceptedState = describedValue(0x24, listValue([]));

/** The bytes of the outcome "rejected", with the reason. */
export function rejectedState(error: AmqpError): Buffer {
  return describedValue(0x25, listValue([errorValue(error)]));
}

/** The bytes of an AMQP error, for rejected, detach, end and close. */
export function errorValue(error: AmqpError): Buffer {
  return describedValue(
    0x1d,
    listValue([symbolValue(error.condition), stringValue(error.message)]),
  );
}

/** A source or target: its address, and for a source the filters that hold. */
export function terminusValue(
  descriptor: 0x28 | 0x29,
  address: string | undefined,
  filter: readonly Buffer[] = [],
): Buffer {
  const addressValue = address === undefined ? nullValue : stringValue(address);
  if (filter.length === 0) {
    return describedValue(descriptor, listValue([addressValue]));
  }
  const none = [nullValue, nullValue, nullValue, nullValue, nullValue, nullValue];
  return describedValue(descriptor, listValue([addressValue, ...none, mapValue(filter)]));
}
