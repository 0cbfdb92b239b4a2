import type { CommandAnswer, CommandPage, Problem } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settledClientIds } from "../support/settled-client-ids.ts";
import { startFleet, type StartedFleet } from "../support/start-fleet.ts";

const RESET = "/chaos/redis-reset";

/** One fleet for all: two APIs, one worker. */
let fleet: StartedFleet;

beforeAll(async () => {
  fleet = await startFleet({ replicas: 1, apis: 2, env: { FLEETQUAKE_RESET_COOLDOWN_MS: "0" } });
});

afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

function keyed(key: string, api = 0) {
  return { api, headers: { "idempotency-key": key } };
}

async function commandCount(): Promise<number> {
  const { body } = await fleet.get<CommandPage>("/chaos/commands?limit=100");
  return body.commands.length;
}

describe("a request that is repeated with its Idempotency-Key", () => {
  it("is shown the first outcome by any API, and resets nothing", async () => {
    await settledClientIds(fleet);
    const first = await fleet.post<CommandAnswer>(RESET, { reason: "once" }, keyed("k-1"));
    expect([first.status, first.body.replayed]).toEqual([200, undefined]);
    const ids = await settledClientIds(fleet);
    for (const api of [0, 1]) {
      const again = await fleet.post<CommandAnswer>(RESET, { reason: "once" }, keyed("k-1", api));
      expect([again.status, again.body.replayed]).toEqual([200, true]);
      expect(again.body.command_id).toBe(first.body.command_id);
      expect(again.body.fleet).toEqual(first.body.fleet);
    }
    expect(await settledClientIds(fleet)).toEqual(expect.arrayContaining([...ids]));
  });

  it("five times at once at two APIs is one command", async () => {
    const before = await commandCount();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        fleet.post<CommandAnswer & Problem>(RESET, {}, keyed("k-2", index % 2)),
      ),
    );
    const ids = new Set(
      answers.flatMap(({ status, body }) => (status === 200 ? [body.command_id] : [])),
    );
    expect(ids.size).toBe(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.every(({ status }) => status === 409)).toBe(true);
    expect(await commandCount()).toBe(before + 1);
  });

  it("with another body is 422 at the other API", async () => {
    await fleet.post(RESET, {}, keyed("k-3"));
    const other = await fleet.post<Problem>(RESET, { force: true }, keyed("k-3", 1));
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  it("that was refused may be tried again", async () => {
    const refused = await fleet.post<Problem>(RESET, { target: { role: "nobody" } }, keyed("k-4"));
    expect(refused.status).toBe(404);
    const again = await fleet.post<Problem>(RESET, { target: { role: "nobody" } }, keyed("k-4"));
    expect([again.status, again.body["replayed"]]).toEqual([404, undefined]);
  });
});
