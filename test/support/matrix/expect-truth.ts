import type { LedgerEntry, Problem, RedisResetAnswer, ReplicaOutcome } from "@fleetquake/contract";
import { expect } from "vitest";
import { idsAfterClosing } from "../ids-after-closing.ts";
import type { JsonAnswer } from "../request-json.ts";
import { waitFor } from "../wait-for.ts";
import { commandIds } from "./command-ids.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";
import type { Connections } from "./settled-connections.ts";

/** What a reset under a fault was answered with. */
export type ResetAnswer = JsonAnswer<RedisResetAnswer | Problem>;

/** Lost answers travel again with the next heartbeat. */
const AMENDED_WITHIN_IN_MS = 10_000;

/** What the caller may be told while the bus fails, and how the ledgers end then. */
const OUTCOMES: Readonly<Record<number, readonly string[]>> = {
  200: ["complete"],
  207: ["partial"],
  // What replicas had done without being heard comes later, and amends.
  504: ["none", "partial"],
};

/**
 * Holds an answer to CLIENT LIST at the moment at which it was given: whoever is said to have closed its connections has none
 * of them any more, everybody else is named as silent, and of a refusal nothing is gone.
 */
export async function expectTruth(
  matrix: MatrixFleet,
  before: Connections,
  answer: ResetAnswer,
): Promise<void> {
  const { status, headers, body } = answer;
  if (!isProblem(body)) {
    await expectTrueSum(matrix, before, { status, body });
  } else if (status === 503) {
    expect(["CHAOS_BUS_UNAVAILABLE", "CHAOS_ROSTER_WARMING"]).toContain(body.code);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(body["retry_after_ms"]).toBeGreaterThan(0);
    expect(await gone(matrix, before)).toEqual([]);
  } else {
    expect([status, body]).toMatchObject([
      504,
      { code: "CHAOS_NO_ANSWER", command_id: expect.any(String), fleet: { acknowledged: 0 } },
    ]);
  }
}

/**
 * Holds the ledgers of all APIs to CLIENT LIST, once everybody's answer has arrived: the one command that was accepted is in
 * each of them, its sum is what is gone, and its outcome what the caller was told; of a refusal there is none.
 */
export async function expectTrueLedgers(
  matrix: MatrixFleet,
  before: Connections,
  { answer, known }: { readonly answer: ResetAnswer; readonly known: ReadonlySet<string> },
): Promise<void> {
  const { status, body } = answer;
  const accepted = status === 503 ? [] : [String(body["command_id"])];
  for (const api of matrix.apis) {
    for (const commandId of accepted) {
      await waitFor(
        async () => {
          const path = `/chaos/commands/${commandId}`;
          const { body: entry } = await matrix.fleet.get<LedgerEntry>(path, { api });
          expect(entry).toMatchObject({ command_id: commandId, connections_closed: sumOf(entry) });
          expect(OUTCOMES[status]).toContain(entry.outcome);
          // A second, different answer of a replica would be one.
          expect(entry.replicas.filter((row) => hasClosed(row) && row.error !== undefined)).toEqual(
            [],
          );
          expect(await gone(matrix, before)).toHaveLength(entry.connections_closed);
          return true;
        },
        { what: `true entry in the ledger of API ${api}`, timeoutInMs: AMENDED_WITHIN_IN_MS },
      );
    }
  }
  const all = await commandIds(matrix);
  expect([...all].filter((id) => !known.has(id))).toEqual(accepted);
  if (accepted.length === 0) {
    expect(await gone(matrix, before)).toEqual([]);
  }
}

async function expectTrueSum(
  matrix: MatrixFleet,
  before: Connections,
  { status, body }: { readonly status: number; readonly body: RedisResetAnswer },
): Promise<void> {
  const { fleet, replicas, connections_closed: closed } = body;
  expect([status, body.outcome]).toEqual(status === 200 ? [200, "complete"] : [207, "partial"]);
  expect(closed).toBe(sumOf(body));
  const standing = await idsAfterClosing(matrix.fleet, { before: [...before.keys()], closed });
  for (const { replica_id: id, connections_closed: count } of replicas.filter(hasClosed)) {
    const owned = [...before.keys()].filter((client) => before.get(client) === id);
    expect([id, count]).toEqual([id, owned.length]);
    expect(owned.filter((client) => standing.has(client))).toEqual([]);
  }
  const expected = matrix.replicas.length;
  if (status === 200) {
    expect(fleet).toMatchObject({ expected, acknowledged: expected, silent: 0 });
    expect(closed).toBe(before.size);
  } else {
    const silent = replicas.filter(({ state }) => state === "silent");
    expect(fleet.acknowledged).toBeGreaterThan(0);
    expect(fleet).toMatchObject({ expected, silent: expected - fleet.acknowledged });
    expect(silent).toHaveLength(fleet.silent);
  }
}

/** Which of the connections are gone now. */
async function gone({ fleet }: MatrixFleet, before: Connections): Promise<readonly string[]> {
  const standing = new Set(await fleet.clientIds());
  return [...before.keys()].filter((id) => !standing.has(id));
}

function isProblem(body: RedisResetAnswer | Problem): body is Problem {
  return "code" in body;
}

function hasClosed({ state }: ReplicaOutcome): boolean {
  return state === "acknowledged" || state === "late" || state === "joined_late";
}

function sumOf({ replicas }: Pick<LedgerEntry, "replicas">): number {
  return replicas.reduce((sum, { connections_closed: closed = 0 }) => sum + closed, 0);
}
