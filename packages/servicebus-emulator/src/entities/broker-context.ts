import type { FaultHooks } from "../faults/fault-hooks.ts";
import type { Forward } from "./arrival.ts";
import type { ChangeLog, EntityOrigin } from "./change.ts";
import type { Clock } from "./clock.ts";
import type { LockTokenSource } from "./lock-token.ts";

/** What all entities of one broker share. */
export interface BrokerContext {
  readonly clock: Clock;
  readonly lockTokens: LockTokenSource;
  readonly faults: FaultHooks;
  /** Where changes are noted that must survive; undefined when all lives in memory. */
  readonly changes?: ChangeLog | undefined;
  /** The text that says that an entity is not there; clients recognise it by its words. */
  notFoundText(path: string): string;
}

/** The same for one entity, which may have to pass messages on. */
export interface EntityContext extends BrokerContext {
  readonly origin: EntityOrigin;
  readonly forward: Forward;
}
