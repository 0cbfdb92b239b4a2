import type { DeliveryHold } from "./fault-hooks.ts";
import type { FaultTarget } from "./fault.ts";

/** Puts a hold on deliveries; the result takes it away and delivers what has waited. */
export function holdDeliveries({ hooks, namespace }: FaultTarget, hold: DeliveryHold): () => void {
  hooks.holds.add(hold);
  return () => {
    hooks.holds.delete(hold);
    namespace.dispatch();
  };
}
