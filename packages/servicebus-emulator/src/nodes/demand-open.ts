import { entityDisabled, type EntityOperation, statusAllows } from "../entities/entity-status.ts";
import type { Entity } from "../entities/namespace.ts";
import type { FaultHooks } from "../faults/fault-hooks.ts";

/** Checks that an entity's status leaves an operation possible. @throws AmqpError */
export function demandOpen(entity: Entity, operation: EntityOperation): void {
  if (!statusAllows(entity.settings.status, operation)) {
    throw entityDisabled(entity.kind === "subscription" ? entity.mailbox.path : entity.name);
  }
}

/** Checks that the disk takes changes, where they are kept on one. @throws AmqpError */
export function demandChange({ refusesChanges }: FaultHooks): void {
  if (refusesChanges !== undefined) {
    throw refusesChanges;
  }
}
