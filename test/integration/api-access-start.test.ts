import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { askFrom } from "../support/ask-from.ts";
import { freePort } from "../support/free-port.ts";
import { makeApiKey, sha256Of } from "../support/guarded-api.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import { until } from "../support/until.ts";

const readme = readFileSync(new URL("../../apps/api/README.md", import.meta.url), "utf8");

async function start(environment: Readonly<Record<string, string>>): Promise<StartedApiProcess> {
  return await startApiProcess({
    REDIS_ENABLED: "false",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true`,
    ...environment,
  });
}

describe("an address that others can reach", () => {
  it.each(["0.0.0.0", "::", "192.0.2.1"])("is refused without authentication: %s", async (host) => {
    const started = start({ FLEETQUAKE_HOST: host });
    await expect(started).rejects.toThrow(
      /FLEETQUAKE_HOST must be a loopback address[^]*FLEETQUAKE_API_KEYS_OPERATE[^]*AZURE_TENANT_ID/,
    );
  });

  it("is listened on with keys, and Hosts are looked at all the same", async () => {
    const key = makeApiKey();
    await using api = await start({
      FLEETQUAKE_HOST: "0.0.0.0",
      FLEETQUAKE_API_KEYS_READ: sha256Of(key),
      FLEETQUAKE_PUBLIC_ORIGINS: "https://chaos.example.com",
    });
    const ask = async (host: string): Promise<number> => {
      const headers = [`Host: ${host}`, `X-API-Key: ${key}`, "X-Forwarded-Proto: https"];
      return (await askFrom({ port: api.port, headers })).status;
    };
    expect(await ask("chaos.example.com")).toBe(200);
    expect(await ask("localhost")).toBe(200);
    expect(await ask("192.0.2.1")).toBe(403);
    expect((await askFrom({ port: api.port })).status).toBe(401);
  });
});

describe("loopback", () => {
  it("is open without authentication, and asks for it when there is one", async () => {
    await using open = await start({});
    expect((await askFrom({ port: open.port })).status).toBe(200);
    await using guarded = await start({ FLEETQUAKE_API_KEYS_READ: sha256Of(makeApiKey()) });
    expect((await askFrom({ port: guarded.port })).status).toBe(401);
  });
});

describe("the README's way to make a key", () => {
  it("gives a key that the API takes by its hash", async () => {
    const lines = /## Who may call[^]*?```sh\n([^]*?)```/.exec(readme)?.[1] ?? "";
    const script = `${lines}printf '%s %s' "$key" "$hash"`;
    const { stdout } = await promisify(execFile)("sh", ["-c", script]);
    const [key = "", hash = ""] = stdout.split(" ");
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    await using api = await start({ FLEETQUAKE_API_KEYS_OPERATE: `ci=${hash}` });
    const answer = await askFrom({ port: api.port, headers: [`X-API-Key: ${key}`] });
    expect(answer.status).toBe(200);
  });
});

describe("the README's way to sign commands", () => {
  it("gives keys that the API starts with", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fleetquake-keys-"));
    const script = /## Signed commands[^]*?```sh\n([^]*?)```/.exec(readme)?.[1] ?? "";
    await promisify(execFile)("sh", ["-ec", script], { cwd: folder });
    const read = (name: string): Promise<string> => readFile(`${folder}/${name}`, "utf8");
    await using api = await start({
      LOG_LEVEL: "info",
      FLEETQUAKE_COMMAND_PRIVATE_KEY: await read("command-key.pem"),
      FLEETQUAKE_COMMAND_PUBLIC_KEY: await read("command-key.pub.pem"),
    });
    await rm(folder, { recursive: true });
    await until(() => api.output().includes('"signs_commands":true'));
    expect(api.output()).not.toContain("PRIVATE");
  });
});
