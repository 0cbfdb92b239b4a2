import type { Fault } from "./fault.ts";
import type { LostPart } from "./fault-hooks.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";

/**
 * Settlements get lost on their way: what a receiver says, so that the message stays locked and
 * comes again; what the broker answers to it, so that the receiver does not learn that it is done;
 * or the receipt for a message, so that its sender does not learn that the broker has it.
 */
export const loseSettlements: Fault = {
  canLast: true,
  prepare: (options) => {
    const loses = readLostPart(options);
    let left = options.wholeNumber("count", { min: 1, max: 1_000_000 }) ?? Infinity;
    const losesAnother = (): boolean => {
      left -= 1;
      return left >= 0;
    };
    return ({ hooks }) => {
      hooks.settlements = {
        next: () => (loses !== "receipt" && losesAnother() ? loses : undefined),
        losesReceipt: () => loses === "receipt" && losesAnother(),
      };
      return {
        kind: "lasting",
        end: () => {
          hooks.settlements = undefined;
        },
      };
    };
  },
};

function readLostPart(options: JsonObjectReader): LostPart {
  const text = options.text("loses");
  switch (text) {
    case undefined:
      return "request";
    case "request":
    case "answer":
    case "receipt":
      return text;
    default:
      options.refuse("loses", "must be request, answer or receipt");
      return "request";
  }
}
