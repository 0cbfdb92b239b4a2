import type { Fault } from "./fault.ts";

/**
 * The broker takes connections and answers nothing, as a process that hangs: no heartbeats either. What
 * clients send waits and is handled when the fault ends. Health, entities and faults still answer.
 */
export const freeze: Fault = {
  canLast: true,
  prepare: () => (target) => {
    let thaw: () => void = () => undefined;
    target.hooks.thaw = new Promise((resolve) => {
      thaw = resolve;
    });
    target.connections.freeze();
    return {
      kind: "lasting",
      end: () => {
        target.hooks.thaw = undefined;
        target.connections.thaw();
        thaw();
      },
    };
  },
};
