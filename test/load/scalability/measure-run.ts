import { setTimeout as pause } from "node:timers/promises";
import type { LedgerEntry, RedisResetAnswer } from "@fleetquake/contract";
import type { JobLedger } from "@fleetquake/jobs";
import type { Redis } from "ioredis";
import type { FeedingApp } from "../../support/start-feeding-app.ts";
import type { StartedFleet } from "../../support/start-fleet.ts";
import { waitFor } from "../../support/wait-for.ts";
import { spreadOf } from "../measurements.ts";
import type { ResetMode } from "./scalability-plan.ts";
import type { ScalabilityRun } from "./scalability-result.ts";

const WARM_UP_WITHIN_IN_MS = 30_000;
/** The last reports of a recovery come so long after it. */
const REPORTS_WITHIN_IN_MS = 2_000;
/** Orphaned jobs are taken up again after 13 s at most. */
const SETTLE_IN_MS = 90_000;

/** A fleet under measurement. */
export interface MeasuredFleet {
  readonly fleet: StartedFleet;
  readonly feeder: FeedingApp;
  /** For INFO; neither counted nor reset. */
  readonly observer: Redis;
  readonly workers: number;
}

export interface RunOrder {
  readonly jobsPerSecond: number;
  readonly spanInMs: number;
  /** null: no resets. */
  readonly resets: { readonly intervalInMs: number; readonly mode: ResetMode } | null;
}

interface Resets {
  readonly commandIds: string[];
  partial: number;
}

/** Feeds the queue for a while, resets the whole fleet meanwhile, and waits until every job is settled. */
export async function measureRun(
  { fleet, feeder, observer, workers }: MeasuredFleet,
  { jobsPerSecond, spanInMs, resets: order }: RunOrder,
): Promise<ScalabilityRun> {
  const before = await feeder.call("ledger");
  await feeder.call("start", jobsPerSecond);
  await untilWorking(feeder, before.completed);
  const started = await feeder.call("ledger");
  const startedAtInMs = performance.now();
  const connectionsBefore = await readConnections(observer);
  const resets = await resetUntil(fleet, { order, endInMs: startedAtInMs + spanInMs });
  const spent = await feeder.call("ledger");
  const spentInS = (performance.now() - startedAtInMs) / 1_000;
  const connections = (await readConnections(observer)) - connectionsBefore;
  await feeder.call("stop");
  const after = await feeder.call("settle", SETTLE_IN_MS);
  const recoveries = spreadOf(await readRecoveries(fleet, resets.commandIds));
  return {
    workers,
    jobs_per_second: jobsPerSecond,
    reset_interval_ms: order?.intervalInMs ?? null,
    mode: order?.mode ?? "none",
    span_ms: spanInMs,
    resets: resets.commandIds.length,
    partial_resets: resets.partial,
    completed_per_second: (spent.completed - started.completed) / spentInS,
    throughput_kept: null,
    recovery_p50_ms: orNull(recoveries.p50),
    recovery_max_ms: orNull(recoveries.max),
    connections_per_second: connections / spentInS,
    ...difference(before, after),
  };
}

async function untilWorking(feeder: FeedingApp, completedBefore: number): Promise<void> {
  await waitFor(async () => (await feeder.call("ledger")).completed > completedBefore, {
    what: "first completed job",
    timeoutInMs: WARM_UP_WITHIN_IN_MS,
  });
}

/** Resets at the interval's beat; one that takes longer than that delays the next. */
async function resetUntil(
  fleet: StartedFleet,
  { order, endInMs }: { readonly order: RunOrder["resets"]; readonly endInMs: number },
): Promise<Resets> {
  const resets: Resets = { commandIds: [], partial: 0 };
  if (order !== null) {
    let dueInMs = performance.now() + order.intervalInMs / 2;
    while (dueInMs < endInMs) {
      await pause(Math.max(0, dueInMs - performance.now()));
      const body = { force: order.mode === "force" };
      const answer = await fleet.post<RedisResetAnswer>("/chaos/redis-reset", body);
      if (answer.status !== 200 && answer.status !== 207) {
        throw new Error(`a reset answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      resets.commandIds.push(answer.body.command_id);
      resets.partial += answer.status === 207 ? 1 : 0;
      dueInMs = Math.max(dueInMs + order.intervalInMs, performance.now());
    }
  }
  await pause(Math.max(0, endInMs - performance.now()));
  return resets;
}

async function readConnections(observer: Redis): Promise<number> {
  const info = await observer.info("stats");
  return Number(/total_connections_received:(\d+)/u.exec(info)?.[1]);
}

/**
 * How long each worker took after each reset until it did jobs again. While others drain, jobs may be finished over
 * connections that still stand: so both a new connection's first command and a job are waited for.
 */
async function readRecoveries(
  fleet: StartedFleet,
  commandIds: readonly string[],
): Promise<readonly number[]> {
  if (commandIds.length > 0) {
    await pause(REPORTS_WITHIN_IN_MS);
  }
  const entries = await Promise.all(
    commandIds.map((id) => fleet.get<LedgerEntry>(`/chaos/commands/${id}`)),
  );
  return entries
    .flatMap(({ body }) => body.replicas)
    .filter(({ role }) => role === "worker")
    .flatMap(({ recovery }) => {
      const command = recovery?.command_recovered_ms ?? null;
      const work = recovery?.work_recovered_ms ?? null;
      return command === null || work === null ? [] : [Math.max(command, work)];
    });
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function difference(
  before: JobLedger,
  after: JobLedger,
): Pick<
  ScalabilityRun,
  "added" | "completed" | "failed" | "lost" | "run_twice" | "stalled" | "unknown"
> {
  const unknown = ({
    outstanding,
    unverified,
    given_up: givenUp,
    unconfirmed,
  }: JobLedger): number => outstanding + unverified + givenUp + unconfirmed;
  return {
    added: after.added - before.added,
    completed: after.completed - before.completed,
    failed: after.failed - before.failed,
    lost: after.lost - before.lost,
    run_twice: after.run_twice - before.run_twice,
    stalled: after.stalled - before.stalled,
    unknown: unknown(after) - unknown(before),
  };
}
