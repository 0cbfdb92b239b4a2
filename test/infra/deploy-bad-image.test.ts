import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { repositoryPath } from "../support/repository.ts";
import { runProgram, type ProgramResult } from "../support/run-program.ts";
import { startAzureStub, type AzureStub } from "../support/start-azure-stub.ts";
import { startScriptedApi } from "../support/start-scripted-api.ts";
import { waitFor } from "../support/wait-for.ts";

const SCRIPT = repositoryPath("infra/scripts/deploy-bad-image.sh");
const GOOD = "registry.example:5000/fleetquake/api:1.2.3";
const PARAMETERS = ["--resource-group", "rg", "--app", "api", "--hold", "1"];

function appWith(properties: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    properties: {
      template: { containers: [{ image: GOOD }] },
      latestRevisionName: "api--one",
      latestReadyRevisionName: "api--one",
      configuration: { activeRevisionsMode: "Single" },
      ...properties,
    },
  };
}

function run(azure: AzureStub, more: readonly string[] = []): Promise<ProgramResult> {
  return runProgram(SCRIPT, [...PARAMETERS, ...more], { env: azure.env });
}

/** The updates that were asked for: image and revision. */
function updatesOf(azure: AzureStub): readonly (string | undefined)[][] {
  return azure
    .calls()
    .filter(({ command }) => command === "containerapp update")
    .map(({ options }) => [options["image"], options["revision-suffix"]]);
}

const BAD_UPDATE = [
  expect.stringMatching(/^registry\.example:5000\/fleetquake\/api:fleetquake-bad-\d+$/),
  expect.stringMatching(/^bad-\d+$/),
];
const ROLL_BACK = [GOOD, expect.stringMatching(/^back-\d+$/)];

describe("deploy-bad-image.sh", () => {
  it("deploys an image that is not there, watches it fail beside the good one, and rolls back", async () => {
    await using azure = await startAzureStub({ app: appWith(), pushedImages: [GOOD] });
    await using api = await startScriptedApi({ "GET /livez": 200 });
    const result = await run(azure, ["--api-url", api.url]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(updatesOf(azure)).toEqual([BAD_UPDATE, ROLL_BACK]);
    expect(azure.calls().map(({ command }) => command)).toContain("containerapp revision show");
    expect(result.stdout).toContain("bad revision: Failed Unhealthy");
    expect(result.stdout).toMatch(
      /rolled back: api--back-\d+ serves registry\.example:5000\/fleetquake\/api:1\.2\.3/,
    );
    expect(api.requests.length).toBeGreaterThan(0);
  });

  it("changes nothing in a dry run", async () => {
    await using azure = await startAzureStub({ app: appWith() });
    const result = await run(azure, ["--dry-run"]);
    expect(result.stdout).toContain(
      "would give api the image registry.example:5000/fleetquake/api:fleetquake-bad-",
    );
    expect(updatesOf(azure)).toEqual([]);
  });

  it("rolls back when Azure refuses the bad image at once", async () => {
    await using azure = await startAzureStub({
      app: appWith(),
      pushedImages: [GOOD],
      failures: { "containerapp update": 1 },
    });
    const result = await run(azure);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("Azure refused it at once");
    expect(updatesOf(azure)).toEqual([BAD_UPDATE, ROLL_BACK]);
  });

  it("rolls back and fails when the image was good after all", async () => {
    await using azure = await startAzureStub({ app: appWith(), pushedImages: [GOOD, "other"] });
    const result = await run(azure, ["--image", "other"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("the bad revision took over");
    expect(updatesOf(azure).at(-1)).toEqual(ROLL_BACK);
  });

  it("rolls back and fails when the API goes down with it", async () => {
    await using azure = await startAzureStub({ app: appWith(), pushedImages: [GOOD] });
    await using api = await startScriptedApi({ "GET /livez": 503 });
    const result = await run(azure, ["--api-url", api.url]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("/livez is 503");
    expect(updatesOf(azure).at(-1)).toEqual(ROLL_BACK);
  });

  it("rolls back when it is told to end", async () => {
    await using azure = await startAzureStub({ app: appWith(), pushedImages: [GOOD] });
    const child = spawn(SCRIPT, [...PARAMETERS, "--hold", "600"], {
      env: { ...process.env, ...azure.env },
      stdio: "ignore",
    });
    await waitFor(() => updatesOf(azure).length === 1, {
      what: "the bad revision",
      timeoutInMs: 30_000,
    });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([143, null]);
    expect(updatesOf(azure)).toEqual([BAD_UPDATE, ROLL_BACK]);
  });

  it("says how to do it by hand when it could not roll back", async () => {
    await using azure = await startAzureStub({ app: appWith() });
    const result = await run(azure, ["--patience", "0"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `az containerapp update --resource-group rg --name api --image ${GOOD}`,
    );
  });

  it.each([
    ["nothing to roll back to", { latestReadyRevisionName: null }, /nothing to roll back to/],
    [
      "a roll-out under way",
      { latestRevisionName: "api--two" },
      /latest revision of api is not ready/,
    ],
    [
      "several revisions",
      { configuration: { activeRevisionsMode: "Multiple" } },
      /single revision mode/,
    ],
    [
      "several containers",
      { template: { containers: [{ image: GOOD }, { image: "b" }] } },
      /several containers/,
    ],
  ])("refuses with %s", async (_what, properties, complaint) => {
    await using azure = await startAzureStub({ app: appWith(properties) });
    const result = await run(azure);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(complaint);
    expect(updatesOf(azure)).toEqual([]);
  });
});
