import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { startFaultyBroker } from "../support/start-faulty-broker.ts";

const names = [
  "freeze",
  "drop-connections",
  "delay-deliveries",
  "duplicate-deliveries",
  "reorder-deliveries",
  "throttle",
  "detach-links",
  "expire-locks",
  "lose-settlements",
  "delete-entity",
];

it("starts a fault with PUT, shows it, and ends it with DELETE", async () => {
  await using faulty = await startFaultyBroker();
  const started = await faulty.ask("PUT", "/faults/delay-deliveries", { body: { delayInMs: 5 } });
  expect([started.status, await started.json()]).toEqual([
    200,
    { name: "delay-deliveries", isOn: true },
  ]);
  const list = await faulty.ask("GET", "/faults");
  expect(await list.json()).toEqual({
    active: [{ name: "delay-deliveries", isOn: true }],
    known: names,
  });
  expect((await faulty.ask("DELETE", "/faults/delay-deliveries")).status).toBe(200);
  expect((await faulty.ask("DELETE", "/faults/delay-deliveries")).status).toBe(404);
  expect(faulty.broker.faults.active).toEqual([]);
});

it("ends a fault by itself when its duration is over, and says when that will be", async () => {
  await using faulty = await startFaultyBroker();
  const body = { durationInMs: 50 };
  const started = await faulty.ask("PUT", "/faults/duplicate-deliveries", { body });
  expect(await started.json()).toEqual({
    name: "duplicate-deliveries",
    isOn: true,
    endsAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
  });
  await expect.poll(() => faulty.broker.faults.active).toEqual([]);
});

it("lets the last PUT of a fault count", async () => {
  await using faulty = await startFaultyBroker();
  await faulty.ask("PUT", "/faults/throttle", { body: { durationInMs: 50 } });
  await faulty.ask("PUT", "/faults/throttle");
  await faulty.ask("PUT", "/faults/freeze", { body: { durationInMs: 100 } });
  await expect.poll(() => faulty.broker.faults.active).toEqual([{ name: "throttle", isOn: true }]);
});

it.each(names)("refuses %s without --faults, and says how to get it", async (name) => {
  await using faulty = await startFaultyBroker({ faults: false });
  const refused = await faulty.ask("PUT", `/faults/${name}`, { body: {} });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("--faults") });
  expect(faulty.broker.faults.active).toEqual([]);
});

it.each(names)("refuses %s for a wrong key and for one without Manage", async (name) => {
  await using faulty = await startFaultyBroker({
    sharedAccessPolicies: [{ name: "listener", key: "listen", rights: ["Listen", "Send"] }],
  });
  for (const credentials of ["RootManageSharedAccessKey:wrong", "nobody:x", "listener:listen"]) {
    for (const method of ["PUT", "DELETE"]) {
      const refused = await faulty.ask(method, `/faults/${name}`, { credentials });
      expect([refused.status, refused.headers.get("content-type")]).toEqual([
        401,
        "application/problem+json; charset=utf-8",
      ]);
    }
  }
  expect(faulty.broker.faults.active).toEqual([]);
});

it.each([
  ["freeze", { durationInMs: 0 }, "durationInMs"],
  ["drop-connections", { durationInMs: "1" }, "durationInMs"],
  ["delay-deliveries", {}, "delayInMs"],
  ["delay-deliveries", { delayInMs: 1.5 }, "delayInMs"],
  ["duplicate-deliveries", { times: 2 }, "times"],
  ["reorder-deliveries", { windowInMs: 60_001 }, "windowInMs"],
  ["throttle", { creditsPerSecond: 0 }, "creditsPerSecond"],
  ["detach-links", {}, "entity"],
  ["detach-links", { entity: "q", durationInMs: 5 }, "durationInMs"],
  ["expire-locks", { entity: 7 }, "entity"],
  ["lose-settlements", { loses: "both" }, "loses"],
  ["delete-entity", { entity: "$cbs" }, "entity"],
  ["freeze", [], ""],
])("refuses %s with %j and names '%s'", async (name, body, member) => {
  await using faulty = await startFaultyBroker();
  const refused = await faulty.ask("PUT", `/faults/${name}`, { body });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ errors: [{ member }] });
  expect(faulty.broker.faults.active).toEqual([]);
});

it("refuses what is no JSON, no fault, no entity, and no method", async () => {
  await using faulty = await startFaultyBroker();
  expect((await faulty.ask("PUT", "/faults/freeze", { body: "{" })).status).toBe(400);
  const unknown = await faulty.ask("PUT", "/faults/melt");
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ detail: expect.stringContaining("freeze, ") });
  const missing = await faulty.ask("PUT", "/faults/delete-entity", { body: { entity: "none" } });
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ detail: expect.stringContaining("'none'") });
  const posted = await faulty.ask("POST", "/faults/freeze");
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "PUT, DELETE"]);
  expect((await faulty.ask("POST", "/faults")).status).toBe(405);
});

it("checks the options of the typed API, too", async () => {
  await using faulty = await startFaultyBroker();
  const { faults } = faulty.broker;
  expect(() => faults.start("delay-deliveries", { delayInMs: -1 })).toThrow(
    "The fault 'delay-deliveries' cannot start: delayInMs must be a whole number from 1 to 600000.",
  );
});

it("lists every fault in the README", () => {
  const readme = readFileSync(
    new URL("../../packages/servicebus-emulator/README.md", import.meta.url),
    "utf8",
  );
  const table = readme.split("## Faults")[1] ?? "";
  const rows = Array.from(table.matchAll(/^\| `(?<name>[a-z-]+)` \|/gmu), (row) => row[1]);
  expect(rows).toEqual(names);
});
