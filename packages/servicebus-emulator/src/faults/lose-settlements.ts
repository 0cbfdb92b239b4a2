import type { Fault } from "./fault.ts";
import type { LostPart } from "./fault-hooks.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";

/**
 * Settlements get lost on their way: either what the client says, so that the message stays locked
 * and comes again, or what the broker answers, so that the client does not learn that it is done.
 */
export const loseSettlements: Fault = {
  canLast: true,
  prepare: (options) => {
    const loses = readLostPart(options);
    let left = options.wholeNumber("count", { min: 1, max: 1_000_000 }) ?? Infinity;
    return ({ hooks }) => {
      hooks.settlements = {
        next: () => {
          left -= 1;
          return left >= 0 ? loses : undefined;
        },
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
  if (text !== undefined && text !== "request" && text !== "answer") {
    options.refuse("loses", "must be request or answer");
  }
  return text === "answer" ? "answer" : "request";
}
