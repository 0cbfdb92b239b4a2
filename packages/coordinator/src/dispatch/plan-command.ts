import { BUS_SCHEMA_VERSION, type Command } from "@fleetquake/contract";
import type { InjectRequest } from "../inject-request.ts";
import type { CollectionHeader } from "../ledger/collection-header.ts";
import type { FaultRecord } from "../ports/fleet-lock.ts";
import { timestampOf } from "../timestamp-of.ts";
import type { ResolvedTarget } from "./resolve-target.ts";

export interface ReservationOptions {
  readonly commandId: string;
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
    epoch: options.highestEpoch + 1,
    acceptedAtInMs,
    collectingUntilInMs: acceptedAtInMs + options.deadlineInMs,
    coolDownUntilInMs: acceptedAtInMs + options.coolDownInMs,
    issuer: options.issuer,
    caller: options.caller,
  };
}

export interface CommandTimes {
  /** Broker time, ms since 1970: the deadline runs from the publish, since the reservation took a while. */
  readonly openedAtInMs: number;
  readonly deadlineInMs: number;
}

/** The ledger entry's header for a reserved command. */
export function plannedHeader(
  request: InjectRequest,
  resolved: ResolvedTarget,
  plan: CommandTimes & { readonly record: FaultRecord },
): CollectionHeader {
  const openedAtInMs = Math.floor(plan.openedAtInMs);
  return {
    commandId: plan.record.commandId,
    fault: request.fault,
    epoch: plan.record.epoch,
    parameters: request.parameters,
    target: resolved.commandTarget,
    openedAtInMs,
    deadlineAtInMs: openedAtInMs + plan.deadlineInMs,
    deadlineInMs: plan.deadlineInMs,
    issuer: plan.record.issuer,
    caller: request.caller,
    reason: request.reason,
  };
}

/** The message that replicas get. */
export function commandMessage(header: CollectionHeader): Command {
  return {
    schema: BUS_SCHEMA_VERSION,
    type: "command",
    command_id: header.commandId,
    fault: header.fault,
    parameters: header.parameters,
    target: header.target,
    epoch: header.epoch,
    issued_at: timestampOf(header.openedAtInMs),
    expires_at: timestampOf(header.deadlineAtInMs),
    issuer: header.issuer,
  };
}
