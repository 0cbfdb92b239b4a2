import type { Fault } from "./fault.ts";

const longestInMs = 3_600_000;

/** Every AMQP connection is cut without a word, as by a crash or a cable; with a duration new ones, too. */
export const dropConnections: Fault = {
  canLast: true,
  prepare: (options) => {
    const lasts = options.wholeNumber("durationInMs", { min: 1, max: longestInMs }) !== undefined;
    return ({ connections }) => {
      connections.refuseNew(lasts);
      const affected = connections.cutAll();
      if (!lasts) {
        return { kind: "done", affected };
      }
      return {
        kind: "lasting",
        end: () => {
          connections.refuseNew(false);
        },
      };
    };
  },
};
