import {
  BUS_SCHEMA_VERSION,
  type Command,
  type CommandOrder,
  type CommandTarget,
} from "@fleetquake/contract";
import type { CommandOrigin } from "../inject-request.ts";
import type { CollectionHeader } from "../ledger/collection-header.ts";
import type { FaultRecord } from "../records/fault-record.ts";
import { timestampOf } from "../timestamp-of.ts";

export interface ReservationOptions {
  readonly commandId: string;
  readonly order: CommandOrder;
  /** The highest that anybody has seen. */
  readonly highestEpoch: number;
  /** Broker time, ms since 1970. */
  readonly nowInMs: number;
  readonly deadlineInMs: number;
  readonly coolDownInMs: number;
  readonly issuer: string;
  readonly caller: string;
}

/** What is written under the lock before a command is published. */
export function reservation(options: ReservationOptions): FaultRecord {
  const acceptedAtInMs = Math.floor(options.nowInMs);
  return {
    commandId: options.commandId,
    action: options.order.action,
    epoch: options.highestEpoch + 1,
    acceptedAtInMs,
    collectingUntilInMs: acceptedAtInMs + options.deadlineInMs,
    coolDownUntilInMs:
      options.order.fault === "redis-reset" ? acceptedAtInMs + options.coolDownInMs : 0,
    activeUntilInMs: acceptedAtInMs + lastsForInMs(options.order),
    issuer: options.issuer,
    caller: options.caller,
  };
}

/** How long a fault lasts; 0 for one that is over when it is done. */
export function lastsForInMs({ fault, action, parameters }: CommandOrder): number {
  if (action === "recover" || fault === "halt") {
    return 0;
  }
  const seconds =
    fault === "redis-reset" ? (parameters.block_seconds ?? 0) : parameters.duration_seconds;
  return seconds * 1_000;
}

export interface CommandCircumstances {
  readonly isRosterComplete: boolean;
  /** Broker time, ms since 1970: the deadline runs from the publish, since the reservation took a while. */
  readonly openedAtInMs: number;
  readonly deadlineInMs: number;
}

/** The ledger entry's header for a reserved command. */
export function plannedHeader(
  request: CommandOrigin & { readonly order: CommandOrder },
  target: CommandTarget,
  plan: CommandCircumstances & {
    readonly record: Pick<FaultRecord, "commandId" | "epoch" | "issuer">;
  },
): CollectionHeader {
  const openedAtInMs = Math.floor(plan.openedAtInMs);
  return {
    commandId: plan.record.commandId,
    order: request.order,
    epoch: plan.record.epoch,
    isRosterComplete: plan.isRosterComplete,
    target,
    openedAtInMs,
    deadlineAtInMs: openedAtInMs + plan.deadlineInMs,
    deadlineInMs: plan.deadlineInMs,
    issuer: plan.record.issuer,
    caller: request.caller,
    reason: request.reason,
    ...(request.trace !== undefined && { trace: request.trace }),
  };
}

/** The message that replicas get. */
export function commandMessage(header: CollectionHeader): Command {
  return {
    schema: BUS_SCHEMA_VERSION,
    type: "command",
    command_id: header.commandId,
    ...header.order,
    target: header.target,
    epoch: header.epoch,
    issued_at: timestampOf(header.openedAtInMs),
    expires_at: timestampOf(header.deadlineAtInMs),
    issuer: header.issuer,
  };
}
