import type { ActiveFault, CommandOrder } from "@fleetquake/contract";
import { instanceKey } from "../instance-key.ts";
import type { Collection } from "../ledger/collection.ts";
import type { Member } from "../roster/member.ts";
import type { RosterRow } from "../roster/roster.ts";
import { lastsForInMs } from "./plan-command.ts";

export interface SuspectsOptions {
  readonly fault: CommandOrder["fault"];
  readonly rows: readonly RosterRow[];
  /** Recent commands of every fault. */
  readonly collections: readonly Collection[];
  /** Broker time, ms since 1970. */
  readonly nowInMs: number;
}

/**
 * Who must confirm the end of a fault: everybody who is there, and of those who are not heard, whoever may be under it.
 * A frozen replica that cannot be under the fault is not waited for: one that was not asked for it, turned it down, has
 * confirmed its end, or whose time is over.
 */
export function suspects(options: SuspectsOptions): Member[] {
  const ended = confirmedEnds(options);
  const injected = instancesUnder(options, ended);
  return options.rows
    .filter(({ member, state }) => {
      if (state !== "stale") {
        return state === "active";
      }
      const key = instanceKey(member.replicaId, member.instanceId);
      return (
        injected.has(key) ||
        member.report.active_faults.some((active) => isUnder(active, options, ended.get(key)))
      );
    })
    .map(({ member }) => member);
}

/** For each instance the epoch of the last recovery or halt that it confirmed. */
function confirmedEnds({ fault, collections }: SuspectsOptions): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { header, rows } of collections) {
    const { order, epoch } = header;
    const isEnd =
      order.fault === "halt"
        ? order.action === "inject"
        : order.fault === fault && order.action === "recover";
    for (const { replicaId, instanceId, answer } of isEnd ? rows : []) {
      const key = instanceKey(replicaId, instanceId);
      if (answer?.body.state === "acknowledged") {
        ends.set(key, Math.max(epoch, ends.get(key) ?? 0));
      }
    }
  }
  return ends;
}

/** Instances that were asked for the fault, have not refused, and would still be under it. */
function instancesUnder(
  { fault, collections, nowInMs }: SuspectsOptions,
  ended: ReadonlyMap<string, number>,
): Set<string> {
  const keys = new Set<string>();
  for (const { header, rows } of collections) {
    const endsAtInMs = header.openedAtInMs + lastsForInMs(header.order);
    if (faultOf(header.order) !== fault || endsAtInMs <= nowInMs) {
      continue;
    }
    for (const { replicaId, instanceId, answer } of rows) {
      const key = instanceKey(replicaId, instanceId);
      const isAsked = answer === null || answer.body.state === "acknowledged";
      if (isAsked && header.epoch >= (ended.get(key) ?? 0)) {
        keys.add(key);
      }
    }
  }
  return keys;
}

/** What it reported last may be older than the end that it confirmed. */
function isUnder(
  active: ActiveFault,
  { fault, collections, nowInMs }: SuspectsOptions,
  endedEpoch = 0,
): boolean {
  const command = collections.find(({ header }) => header.commandId === active.command_id);
  const isEnded = command !== undefined && command.header.epoch < endedEpoch;
  return active.fault === fault && Date.parse(active.ends_at) > nowInMs && !isEnded;
}

/** A reset that keeps connections out leaves a block behind. */
function faultOf(order: CommandOrder): CommandOrder["fault"] {
  return order.fault === "redis-reset" ? "redis-block" : order.fault;
}
