import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOPOLOGY } from "@fleetquake/bus/topology";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documentedVariables } from "../support/documented-variables.ts";
import { repositoryFile, repositoryPath } from "../support/repository.ts";
import { runProgram, type ProgramResult } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CHECK = repositoryPath("infra/scripts/check-bicep.mjs");
const module = (name: string): string => repositoryFile(`infra/bicep/modules/${name}.bicep`);

function check(folder: string): Promise<ProgramResult> {
  return runProgram(process.execPath, [CHECK, folder]);
}

const { checkBicepFolder } = await import(
  new URL("../../infra/scripts/bicep/check-bicep-folder.mjs", import.meta.url).href
);

/** What is found in a copy of infra/bicep in which one text of one file was replaced by another. */
async function findMistakes(file: string, from: string, to: string): Promise<string> {
  await using folder = await temporaryFolder();
  await cp(repositoryPath("infra/bicep"), folder.path, { recursive: true });
  const path = join(folder.path, file);
  const text = await readFile(path, "utf8");
  if (!text.includes(from)) {
    throw new Error(`${file} has no ${from}`);
  }
  await writeFile(path, text.replace(from, to));
  const { findings } = await checkBicepFolder(folder.path);
  return findings.join("\n");
}

describe("the Bicep files", () => {
  it("have no mistake that can be found without the compiler", async () => {
    const result = await check(repositoryPath("infra/bicep"));
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("not checked, since there is no Bicep compiler here");
  });

  it.each([
    ["a brace that is missing", "modules/redis.bicep", "sku: {", "sku:", /redis\.bicep:\d+:\d+: /],
    [
      "a word too many",
      "modules/identity.bicep",
      "param name string",
      "param name string oops",
      /identity\.bicep:\d+/,
    ],
    [
      "an unknown type",
      "modules/redis.bicep",
      "redisEnterprise@",
      "redisEnterprize@",
      /redisEnterprize is not in/,
    ],
    [
      "another API version",
      "modules/api-app.bicep",
      "containerApps@2026-01-01",
      "containerApps@2025-01-01",
      /API version 2026-01-01, not 2025-01-01/,
    ],
    [
      "an unknown property",
      "modules/service-bus.bicep",
      "requiresSession:",
      "requireSession:",
      /has no member requireSession/,
    ],
    [
      "an unknown member of a resource",
      "modules/redis.bicep",
      "  sku: {",
      "  skus: {",
      /cluster has no member skus/,
    ],
    [
      "a property that is required",
      "modules/redis.bicep",
      "publicNetworkAccess: 'Disabled'",
      "",
      /lacks publicNetworkAccess/,
    ],
    [
      "a child without its parent",
      "modules/redis.bicep",
      "parent: cluster",
      "",
      /databases needs a parent/,
    ],
    [
      "a child of the wrong parent",
      "modules/redis.bicep",
      "parent: database",
      "parent: cluster",
      /must be a Microsoft\.Cache\/redisEnterprise\/databases/,
    ],
    [
      "a parameter that is missing",
      "main.bicep",
      "subnetId: network.outputs.appsSubnetId",
      "",
      /containerEnvironment needs the parameter subnetId/,
    ],
    [
      "an unknown parameter",
      "main.bicep",
      "skuName: redisSku",
      "skuName: redisSku\n    sku: 'x'",
      /parameter sku: the module has none/,
    ],
    [
      "a literal of the wrong type",
      "main.bicep",
      "minReplicas: apiMinReplicas",
      "minReplicas: '2'",
      /minReplicas: must be int, is string/,
    ],
    [
      "a parameter of the wrong type",
      "main.bicep",
      "minReplicas: apiMinReplicas",
      "minReplicas: redisSku",
      /minReplicas: must be int, is string/,
    ],
    [
      "an output of the wrong type",
      "main.bicep",
      "minReplicas: apiMinReplicas",
      "minReplicas: redis.outputs.id",
      /minReplicas: must be int, is string/,
    ],
    [
      "a value that is not allowed",
      "modules/alerts.bicep",
      "'PT15M'",
      "'PT7M'",
      /must be one of 'PT5M', 'PT15M'/,
    ],
    [
      "a module that is not there",
      "main.bicep",
      "modules/redis.bicep",
      "modules/reddis.bicep",
      /there is no file modules\/reddis\.bicep/,
    ],
    [
      "an unknown member of a module",
      "main.bicep",
      "scope: group",
      "scopes: group",
      /module monitoring has no member scopes/,
    ],
    [
      "an output that is not there",
      "main.bicep",
      "redis.outputs.hostName",
      "redis.outputs.host",
      /redis\.bicep has no output host/,
    ],
    [
      "a name that is not declared",
      "modules/redis.bicep",
      "name: skuName",
      "name: sku",
      /sku is not declared/,
    ],
    [
      "a loop's variable outside of its loop",
      "modules/redis.bicep",
      "parent: cluster",
      "parent: principalId",
      /principalId is not declared/,
    ],
    [
      "a function that is not there",
      "modules/redis.bicep",
      "replace(",
      "replaceAll(",
      /there is no function replaceAll/,
    ],
    [
      "a parameter that nobody uses",
      "modules/identity.bicep",
      "  tags: tags\n",
      "",
      /tags is never used/,
    ],
    [
      "a variable that nobody uses",
      "main.bicep",
      "var tags",
      "var spare = 1\nvar tags",
      /spare is never used/,
    ],
    [
      "a name that is declared twice",
      "modules/identity.bicep",
      "resource identity",
      "var name = 'x'\nresource identity",
      /declared before/,
    ],
    [
      "a parameter without description",
      "modules/identity.bicep",
      "@description('Azure region.')",
      "",
      /location has no @description/,
    ],
    [
      "a secret for a parameter that is none",
      "modules/api-app.bicep",
      "@secure()\nparam apiKeysOperate",
      "param apiKeysOperate",
      /apiKeysOperate: takes a secret/,
    ],
    [
      "a secret as an output",
      "main.bicep",
      "string = group.name",
      "string = apiKeysRead",
      /gives away the secret apiKeysRead/,
    ],
    [
      "an output of another type",
      "modules/identity.bicep",
      "output id string",
      "output id int",
      /identityId: must be string, is int/,
    ],
    [
      "a decorator that is misspelt",
      "main.bicep",
      "@secure()",
      "@secured()",
      /parameter takes no decorator @secured/,
    ],
    [
      "a decorator of another declaration",
      "modules/redis.bicep",
      "resource cluster",
      "@secure()\nresource cluster",
      /resource takes no decorator @secure/,
    ],
    [
      "a batch where there is no loop",
      "modules/redis.bicep",
      "resource cluster",
      "@batchSize(1)\nresource cluster",
      /@batchSize is for loops only/,
    ],
    [
      "a secure parameter that is given what is no secret",
      "main.bicep",
      "@secure()\nparam apiKeysOperate",
      "param apiKeysOperate",
      /parameter apiKeysOperate: is @secure\(\), and apiKeysOperate is not/,
    ],
    [
      "a container's secret that is none to the deployment",
      "modules/worker-app.bicep",
      "@secure()\nparam componentConnectionString",
      "param componentConnectionString",
      /componentConnectionString is a secret here and not @secure\(\)/,
    ],
    [
      "a module of a resource group without one",
      "main.bicep",
      "  scope: group\n",
      "",
      /module monitoring needs a scope: it is deployed to a resourceGroup/,
    ],
    [
      "an undeclared resource that is asked for its keys",
      "modules/container-environment.bicep",
      "workspace.listKeys()",
      "workspaces.listKeys()",
      /workspaces is not declared/,
    ],
    [
      "a function that a resource does not have",
      "modules/container-environment.bicep",
      "workspace.listKeys()",
      "workspace.listSecrets()",
      /resource workspace has no listSecrets/,
    ],
    [
      "a member that a resource does not have",
      "modules/alerts.bicep",
      "actionGroup.id",
      "actionGroup.ids",
      /resource actionGroup has no ids/,
    ],
    [
      "a property that Azure does not fill in",
      "modules/container-registry.bicep",
      "registry.properties.loginServer",
      "registry.properties.server",
      /resource registry has no properties\.server/,
    ],
    [
      "a member that a module does not have",
      "main.bicep",
      "redis.outputs.id",
      "redis.output.id",
      /module redis has no output/,
    ],
    [
      "an unknown parameter of azd",
      "main.parameters.json",
      '"apiImage"',
      '"image"',
      /main\.parameters\.json: there is no parameter image/,
    ],
    [
      "a required parameter that azd lacks",
      "main.parameters.json",
      '"alertEmail"',
      '"apiMinReplicas"',
      /lacks the parameter alertEmail/,
    ],
  ])("are refused with %s", async (_what, ...[file, from, to, expected]) => {
    expect(await findMistakes(file, from, to)).toMatch(expected);
  });

  it("fail the check when there is one", async () => {
    await using folder = await temporaryFolder();
    await cp(repositoryPath("infra/bicep"), folder.path, { recursive: true });
    await writeFile(join(folder.path, "spare.bicep"), "param nobody string\n");
    const result = await check(folder.path);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("spare.bicep:1:1: nobody is never used");
  });

  it("are refused where there are none", async () => {
    await using folder = await temporaryFolder();
    expect((await check(folder.path)).code).toBe(2);
  });
});

describe("the bus in Azure", () => {
  const text = module("service-bus");

  it("has the topology that the fleet speaks to", () => {
    for (const entity of [TOPOLOGY.commandsTopic, TOPOLOGY.eventsTopic, TOPOLOGY.locksQueue]) {
      expect(text).toContain(`name: '${entity}'`);
    }
    expect(text).toContain(`lockDuration: '${TOPOLOGY.lockDuration}'`);
    const spans = [...text.matchAll(/defaultMessageTimeToLive: '(\w+)'/g)].map(([, span]) => span);
    const { defaultMessageTimeToLive } = TOPOLOGY.subscription;
    expect(spans).toEqual([defaultMessageTimeToLive, defaultMessageTimeToLive]);
    expect(text).toContain("requiresSession: true");
  });

  it("gives an agent no more than Listen on commands and Send on events", () => {
    const roles = module("service-bus-roles");
    const granted = [
      ...roles.matchAll(
        /resource (\w+) '[^']+roleAssignments[^]*?scope: (\w+)[^]*?roleDefinitionId: (\w+)/g,
      ),
    ].map(([, name, scope, role]) => ({ name, scope, role }));
    expect(granted.filter(({ name }) => name?.startsWith("agents"))).toEqual([
      { name: "agentsListenToCommands", scope: "commandsTopic", role: "receiverRoleId" },
      { name: "agentsSendEvents", scope: "eventsTopic", role: "senderRoleId" },
    ]);
    expect(granted).toHaveLength(6);
    // Nobody has a right on the namespace as a whole.
    expect(granted.filter(({ scope }) => scope === "namespace")).toEqual([]);
  });
});

describe("the apps in Azure", () => {
  it.each([
    ["api-app", ["apps/api", "packages/redis"]],
    ["worker-app", ["apps/worker", "packages/redis", "packages/agent"]],
  ])("%s is given only variables that it reads", (name, parts) => {
    const set = [...module(name).matchAll(/(?:name|variable): '([A-Z][A-Z0-9_]+)'/g)].map(
      ([, variable]) => variable ?? "",
    );
    expect(set.length).toBeGreaterThan(10);
    const known = documentedVariables(...parts);
    expect(set.filter((variable) => !known.has(variable))).toEqual([]);
  });

  it("have probes that Container Apps takes", () => {
    // https://learn.microsoft.com/javascript/api/@azure/arm-appcontainers/containerappprobe
    const thresholds = [
      ...(module("api-app") + module("worker-app")).matchAll(/failureThreshold: (\d+)/g),
    ].map(([, text]) => Number(text));
    expect(thresholds).toHaveLength(5);
    expect(Math.max(...thresholds)).toBeLessThanOrEqual(10);
    // Without it the API answers 403: it is not asked by a name of its own.
    expect(module("api-app").match(/httpGet: .*probeHeaders/g)).toHaveLength(3);
  });

  it("are the services that azd deploys", () => {
    const services: unknown = parse(repositoryFile("azure.yaml")).services;
    expect(Object.keys(services ?? {})).toEqual(["api", "worker"]);
    for (const service of ["api", "worker"]) {
      expect(module(`${service}-app`)).toContain(`'azd-service-name': '${service}'`);
    }
  });
});

describe("check-azd-environment.sh", () => {
  const script = repositoryPath("infra/scripts/check-azd-environment.sh");
  const longest = /@maxLength\((\d+)\)\nparam environmentName/.exec(
    repositoryFile("infra/bicep/main.bicep"),
  )?.[1];
  const complete = {
    AZURE_ENV_NAME: "lab-2",
    FLEETQUAKE_ALERT_EMAIL: "a@b.c",
    FLEETQUAKE_API_KEYS_OPERATE: "ci=00",
  };

  it("lets a complete environment through", async () => {
    expect(await runProgram(script, [], { env: complete })).toMatchObject({ code: 0, stderr: "" });
  });

  it("takes names as long as the deployment takes them, and no longer", async () => {
    const run = async (length: number): Promise<ProgramResult> => {
      const env = { ...complete, AZURE_ENV_NAME: "n".repeat(length) };
      return await runProgram(script, [], { env });
    };
    expect(await run(Number(longest))).toMatchObject({ code: 0, stderr: "" });
    expect((await run(Number(longest) + 1)).stderr).toMatch(/AZURE_ENV_NAME must be 1 to 17/);
  });

  it("looks at variables that stay out of the repository, since azd keeps keys among them", () => {
    expect(repositoryFile(".gitignore").split("\n")).toContain(".azure/");
  });

  it.each([
    [{ AZURE_ENV_NAME: "" }, /AZURE_ENV_NAME must be/],
    [{ AZURE_ENV_NAME: "my_lab" }, /AZURE_ENV_NAME must be .* is 'my_lab'/],
    [{ AZURE_ENV_NAME: "my--lab" }, /AZURE_ENV_NAME must be/],
    [{ AZURE_ENV_NAME: "lab-" }, /AZURE_ENV_NAME must be/],
    [{ FLEETQUAKE_ALERT_EMAIL: "" }, /FLEETQUAKE_ALERT_EMAIL/],
    [{ FLEETQUAKE_API_KEYS_OPERATE: "" }, /FLEETQUAKE_API_AUDIENCE/],
    [{ FLEETQUAKE_COMMAND_PUBLIC_KEY: "key" }, /needs FLEETQUAKE_COMMAND_PRIVATE_KEY/],
  ])("says what is missing: %j", async (change, expected) => {
    const result = await runProgram(script, [], { env: { ...complete, ...change } });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(expected);
  });
});
