import { delayDeliveries } from "./delay-deliveries.ts";
import { deleteEntity } from "./delete-entity.ts";
import { detachLinks } from "./detach-links.ts";
import { dropConnections } from "./drop-connections.ts";
import { duplicateDeliveries } from "./duplicate-deliveries.ts";
import { expireLocks } from "./expire-locks.ts";
import type { Fault } from "./fault.ts";
import type { FaultName } from "./fault-options.ts";
import { freeze } from "./freeze.ts";
import { loseSettlements } from "./lose-settlements.ts";
import { reorderDeliveries } from "./reorder-deliveries.ts";
import { throttle } from "./throttle.ts";

/** Every fault under its name; the README's table is held to this one. */
export const faults: Readonly<Record<FaultName, Fault>> = {
  freeze,
  "drop-connections": dropConnections,
  "delay-deliveries": delayDeliveries,
  "duplicate-deliveries": duplicateDeliveries,
  "reorder-deliveries": reorderDeliveries,
  throttle,
  "detach-links": detachLinks,
  "expire-locks": expireLocks,
  "lose-settlements": loseSettlements,
  "delete-entity": deleteEntity,
};

/** True when a text is the name of a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}
