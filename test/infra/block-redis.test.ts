import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { repositoryPath } from "../support/repository.ts";
import { runProgram, type ProgramResult } from "../support/run-program.ts";
import { startAzureStub, type AzureStub, type SecurityRule } from "../support/start-azure-stub.ts";
import { startScriptedApi, type ScriptedApi } from "../support/start-scripted-api.ts";
import { waitFor } from "../support/wait-for.ts";

const BLOCK = repositoryPath("infra/scripts/block-redis.sh");
const UNBLOCK = repositoryPath("infra/scripts/unblock-redis.sh");
const GROUP = ["--resource-group", "rg", "--nsg", "apps"];
const KEY = "the-secret-of-the-operator";

const foreign: readonly SecurityRule[] = [
  { name: "allow-all", priority: 100, direction: "Outbound" },
  {
    name: "inbound",
    priority: 101,
    direction: "Inbound",
    description: "fleetquake-block until never",
  },
  { name: "fleetquake-block-by-hand", priority: 300, direction: "Outbound", description: "mine" },
];
const own = (name: string, ends: string): SecurityRule => ({
  name: `fleetquake-block-${name}`,
  priority: 200,
  direction: "Outbound",
  description: `fleetquake-block until ${ends}`,
});
const expired = own("old", "2020-01-01T00:00:00Z");
const standing = own("new", "2099-01-01T00:00:00Z");

function blockParameters(api: ScriptedApi, more: readonly string[] = []): readonly string[] {
  const fixed = [
    "--destination",
    "10.60.4.0/27",
    "--api-url",
    api.url,
    "--settle",
    "0",
    "--patience",
    "1",
  ];
  return [...GROUP, ...fixed, ...more];
}

function block(
  azure: AzureStub,
  api: ScriptedApi,
  more: readonly string[] = [],
): Promise<ProgramResult> {
  return runProgram(BLOCK, blockParameters(api, more), {
    env: { ...azure.env, FLEETQUAKE_API_KEY: KEY },
  });
}

const commandsOf = (azure: AzureStub): readonly string[] =>
  azure.calls().map(({ command }) => command.replace("network nsg rule ", ""));
const cutOff = { "POST /chaos/redis-reset": 200, "GET /health": 503 };

describe("block-redis.sh", () => {
  it("makes the rule, looks at it, resets the fleet and sees the API lose Redis", async () => {
    await using azure = await startAzureStub({ rules: foreign });
    await using api = await startScriptedApi(cutOff);
    const result = await block(azure, api, ["--ttl", "4"]);
    expect(result).toMatchObject({ code: 0, stderr: "" });

    const calls = azure.calls();
    expect(commandsOf(azure)).toEqual(["list", "list", "create", "show"]);
    const rule = calls[2]?.options["name"] ?? "";
    expect(calls[2]?.options).toEqual({
      "resource-group": "rg",
      "nsg-name": "apps",
      name: expect.stringMatching(/^fleetquake-block-\d{8}t\d{6}z-\d+$/),
      // 100 is taken by an outbound rule, 101 by an inbound one, which is another list.
      priority: "101",
      direction: "Outbound",
      access: "Deny",
      protocol: "Tcp",
      "source-address-prefixes": "*",
      "source-port-ranges": "*",
      "destination-address-prefixes": "10.60.4.0/27",
      "destination-port-ranges": "10000 8500-8599",
      description: expect.stringMatching(
        /^fleetquake-block until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      ),
      output: "none",
    });
    expect(calls[3]?.options["name"]).toBe(rule);
    expect(api.requests.slice(0, 2)).toEqual([
      { line: "POST /chaos/redis-reset", key: KEY, body: `{"reason": "network block ${rule}"}` },
      { line: "GET /health", key: undefined, body: "" },
    ]);
    expect(result.stdout).toContain(
      `unblock-redis.sh --resource-group rg --nsg apps --rule ${rule}`,
    );
    expect(result.stdout + result.stderr + JSON.stringify(calls)).not.toContain(KEY);

    // Its time passes with nobody there but the guard.
    await waitFor(() => azure.rules().length === foreign.length, {
      what: "the guard's removal",
      timeoutInMs: 30_000,
    });
    expect(azure.rules()).toEqual(foreign);
  });

  it("changes nothing in a dry run", async () => {
    await using azure = await startAzureStub({ rules: [...foreign, expired] });
    await using api = await startScriptedApi(cutOff);
    const result = await block(azure, api, ["--dry-run"]);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("would remove fleetquake-block-old");
    expect(result.stdout).toContain("10.60.4.0/27, ports 10000 and 8500-8599, priority 101");
    expect(commandsOf(azure)).toEqual(["list", "list"]);
    expect(api.requests).toEqual([]);
  });

  it("leaves a guard that removes the rule when its shell was killed", async () => {
    await using azure = await startAzureStub({});
    await using api = await startScriptedApi(cutOff);
    const child = spawn(BLOCK, blockParameters(api, ["--ttl", "3", "--settle", "600"]), {
      env: { ...process.env, ...azure.env },
      stdio: "ignore",
    });
    await waitFor(() => azure.rules().length === 1, { what: "the rule", timeoutInMs: 30_000 });
    child.kill("SIGKILL");
    await once(child, "exit");
    await waitFor(() => azure.rules().length === 0, {
      what: "the guard's removal",
      timeoutInMs: 30_000,
    });
    expect(commandsOf(azure).filter((command) => command === "delete")).toHaveLength(1);
  });

  it("takes the rule back at once when it is interrupted", async () => {
    await using azure = await startAzureStub({ rules: foreign });
    await using api = await startScriptedApi(cutOff);
    const child = spawn(BLOCK, blockParameters(api, ["--settle", "1"]), {
      env: { ...process.env, ...azure.env },
      stdio: "ignore",
    });
    await waitFor(() => azure.rules().length > foreign.length, {
      what: "the rule",
      timeoutInMs: 30_000,
    });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([143, null]);
    expect(azure.rules()).toEqual(foreign);
    expect(api.requests).toEqual([]);
  });

  it.each([
    ["the reset is refused", { ...cutOff, "POST /chaos/redis-reset": 503 }, /reset failed/],
    ["the API still reaches Redis", { ...cutOff, "GET /health": 200 }, /still reaches Redis/],
  ])("takes the rule back when %s", async (_what, answers, complaint) => {
    await using azure = await startAzureStub({
      rules: foreign,
      failures: { "network nsg rule delete": 2 },
    });
    await using api = await startScriptedApi(answers);
    const result = await block(azure, api);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(complaint);
    expect(result.stderr).toContain("(try 2 of 3)");
    expect(azure.rules()).toEqual(foreign);
  });

  it("takes a partial reset for a reset", async () => {
    await using azure = await startAzureStub({});
    await using api = await startScriptedApi({ ...cutOff, "POST /chaos/redis-reset": 207 });
    expect(await block(azure, api, ["--ttl", "1"])).toMatchObject({ code: 0 });
  });

  it("clears an own rule whose time is over, and refuses beside one that still blocks", async () => {
    await using azure = await startAzureStub({ rules: [...foreign, expired, standing] });
    await using api = await startScriptedApi(cutOff);
    const result = await block(azure, api);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "fleetquake-block-new blocks already, until 2099-01-01T00:00:00Z",
    );
    expect(commandsOf(azure)).not.toContain("create");
    expect(api.requests).toEqual([]);
  });

  it("makes no rule where the group cannot be read", async () => {
    await using azure = await startAzureStub({ failures: { "network nsg rule list": 9 } });
    await using api = await startScriptedApi(cutOff);
    expect((await block(azure, api)).code).not.toBe(0);
    expect(commandsOf(azure)).not.toContain("create");
  });

  it.each([
    [["--ttl", "0"], /--ttl must be 1 to 86400/],
    [["--ttl"], /--ttl needs a value/],
    [["--destination", "everything"], /--destination must be/],
    [["--api-url", "localhost"], /--api-url must be/],
    [["--nsg", ""], /--resource-group and --nsg/],
    [["--forever"], /unknown option --forever/],
  ])("refuses %j before it asks Azure anything", async (parameters, complaint) => {
    await using azure = await startAzureStub({});
    await using api = await startScriptedApi(cutOff);
    const result = await block(azure, api, parameters);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(complaint);
    expect(azure.calls()).toEqual([]);
  });
});

describe("unblock-redis.sh", () => {
  const unblock = (azure: AzureStub, more: readonly string[]): Promise<ProgramResult> =>
    runProgram(UNBLOCK, [...GROUP, ...more], { env: azure.env });
  const all = [...foreign, expired, standing];

  it.each([
    [["--all"], foreign],
    [["--expired"], [...foreign, standing]],
    [
      ["--rule", standing.name],
      [...foreign, expired],
    ],
    // By name alone it could be ours; what it says of itself is not.
    [["--rule", "fleetquake-block-by-hand"], all],
    [["--all", "--dry-run"], all],
  ])("with %j removes what it may and nothing else", async (parameters, left) => {
    await using azure = await startAzureStub({ rules: all });
    expect(await unblock(azure, parameters)).toMatchObject({ code: 0 });
    expect(azure.rules()).toEqual(left);
  });

  it("tries again, and says how to do it by hand when it cannot", async () => {
    await using azure = await startAzureStub({
      rules: [standing],
      failures: { "network nsg rule delete": 3 },
    });
    const result = await unblock(azure, ["--all"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `az network nsg rule delete --resource-group rg --nsg-name apps --name ${standing.name}`,
    );
    expect((await unblock(azure, ["--all"])).code).toBe(0);
  });

  it("looks whether the API has Redis back", async () => {
    await using azure = await startAzureStub({ rules: [standing] });
    await using cut = await startScriptedApi({ "GET /health": 503 });
    await using back = await startScriptedApi({ "GET /health": 200 });
    const looking = ["--all", "--patience", "1", "--api-url"];
    expect((await unblock(azure, [...looking, cut.url])).stderr).toContain("no Redis yet");
    expect((await unblock(azure, [...looking, back.url])).stdout).toContain("has Redis back");
  });

  it.each([
    [["--rule", "allow-all"], /is no rule of block-redis\.sh/],
    [[], /say which/],
    [["--all", "--rule", standing.name], /exclude each other/],
  ])("refuses %j", async (parameters, complaint) => {
    await using azure = await startAzureStub({ rules: all });
    const result = await unblock(azure, parameters);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(complaint);
    expect(azure.calls()).toEqual([]);
  });
});
