import { setTimeout as pause } from "node:timers/promises";
import type { LedgerEntry, RedisResetAnswer } from "@fleetquake/contract";
import { startJobFeed } from "@fleetquake/jobs";
import { startFleet, type StartedFleet } from "../../support/start-fleet.ts";
import { waitFor } from "../../support/wait-for.ts";
import { MemoryLog, type WatchedProcess } from "./memory-log.ts";
import type { SoakPlan } from "./soak-plan.ts";
import type { SoakResult } from "./soak-result.ts";

const RESET = "/chaos/redis-reset";
const RESET_EVERY_IN_MS = 1_000;
const COOL_DOWN_IN_MS = 500;
/**
 * V8 enlarges its young generation in steps of some 16 MB, at this rate for longer than the soak: a process that leaks nothing
 * would grow by an eighth. Held small, it shows what is kept.
 */
const NODE_OPTIONS = "--max-semi-space-size=2";
const FIRST_JOB_WITHIN_IN_MS = 30_000;
/** Orphaned jobs are taken up again after 13 s at most. */
const SETTLE_IN_MS = 90_000;

/** Resets a fleet at work every second, and tells what came of it. `say` hears once in ten seconds how it goes. */
export async function measureSoak(
  { seconds, workers, jobsPerSecond }: SoakPlan,
  say: (line: string) => void,
): Promise<SoakResult> {
  await using fleet = await startFleet({
    replicas: workers,
    env: { NODE_OPTIONS, FLEETQUAKE_RESET_COOLDOWN_MS: `${COOL_DOWN_IN_MS}` },
  });
  const { hostname: host, port } = new URL(fleet.redisUrl);
  await using feed = startJobFeed({ redis: { host, port: Number(port) }, jobsPerSecond });
  await waitFor(() => feed.ledger().completed > 0, {
    what: "first completed job",
    timeoutInMs: FIRST_JOB_WITHIN_IN_MS,
  });
  const processes = watched(fleet);
  const memory = new MemoryLog(processes);
  const resets = new Resets(fleet);
  const ended = new Set<string>();
  const startInMs = performance.now();
  let coolInMs = startInMs;
  for (let second = 0; second < seconds; second += 1) {
    // A machine that falls behind catches up no faster than the cool-down lets it.
    const nextInMs = Math.max(coolInMs, startInMs + second * RESET_EVERY_IN_MS);
    await pause(Math.max(0, nextInMs - performance.now()));
    await resets.next();
    coolInMs = performance.now() + COOL_DOWN_IN_MS;
    memory.read().forEach((name) => ended.add(name));
    if (second % 10 === 9) {
      say(`${second + 1} s: ${resets.count} resets, ${feed.ledger().completed} jobs completed`);
    }
  }
  feed.stop();
  const jobs = await feed.settle({ timeoutInMs: SETTLE_IN_MS });
  return {
    seconds,
    workers,
    resets: resets.count,
    connections_closed: resets.connectionsClosed,
    refused: Object.fromEntries(resets.refused),
    incomplete: resets.incomplete,
    jobs: {
      added: jobs.added,
      completed: jobs.completed,
      lost: jobs.lost,
      failed: jobs.failed,
      unknown: jobs.outstanding + jobs.unconfirmed + jobs.unverified + jobs.given_up,
    },
    memory: memory.grown(),
    unhandled: await unhandledIn(fleet, processes),
    ended: [...ended],
  };
}

function watched({ broker, apis, workers }: StartedFleet): readonly WatchedProcess[] {
  return [
    { kind: "broker", name: broker.name, pid: broker.pid },
    ...apis.map(({ process: { name, pid } }) => ({ kind: "API" as const, name, pid })),
    ...workers.map(({ name, pid }) => ({ kind: "worker" as const, name, pid })),
  ];
}

/** Resets, one after the other, and what the ledger says of each. */
class Resets {
  readonly #fleet: StartedFleet;
  readonly refused = new Map<string, number>();
  readonly incomplete: string[] = [];
  count = 0;
  connectionsClosed = 0;

  constructor(fleet: StartedFleet) {
    this.#fleet = fleet;
  }

  async next(): Promise<void> {
    const { status, body } = await this.#fleet.post<RedisResetAnswer>(RESET);
    this.count += 1;
    if (status !== 200) {
      this.refused.set(`${status}`, (this.refused.get(`${status}`) ?? 0) + 1);
      return;
    }
    this.connectionsClosed += body.connections_closed;
    const entry = await this.#fleet.get<LedgerEntry>(`/chaos/commands/${body.command_id}`);
    const { outcome, connections_closed: total, replicas } = entry.body;
    const sum = replicas.reduce((all, row) => all + (row.connections_closed ?? 0), 0);
    if (outcome !== "complete" || total !== sum || total !== body.connections_closed) {
      this.incomplete.push(body.command_id);
    }
  }
}

async function unhandledIn(
  fleet: StartedFleet,
  processes: readonly WatchedProcess[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { name } of processes) {
    const log = await fleet.log(name);
    lines.push(...log.split("\n").filter((line) => /unhandled|uncaught/iu.test(line)));
  }
  return lines;
}
