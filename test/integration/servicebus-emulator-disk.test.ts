import { once } from "node:events";
import { existsSync, readFileSync, truncateSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { allowEmulator } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { findAll } from "../support/durable/durable-load.ts";
import { mountSmallDisk, type SmallDisk } from "../support/durable/small-disk.ts";
import { only } from "../support/only.ts";
import { connectClients } from "../support/service-bus-clients.ts";
import {
  runEmulator,
  startEmulator,
  type StartedEmulatorProcess,
} from "../support/start-emulator-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

/** Does not wait long for the answer of a broker that has cut the connection. */
const impatient = { retryOptions: { maxRetries: 0, timeoutInMs: 1500 } };

const wait = { maxWaitTimeInMs: 2000 };

function clientsOf(emulator: StartedEmulatorProcess): ReturnType<typeof connectClients> {
  return connectClients({ connectionString: emulator.printed("ServiceBusClient") });
}

async function kill({ child }: StartedEmulatorProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }
}

/** A directory whose journal holds two messages, each in a frame of its own. */
async function fillDirectory(directory: string): Promise<void> {
  await using emulator = await startEmulator(["--data", directory]);
  await using clients = clientsOf(emulator);
  await clients.admin.createQueue("q");
  const sender = clients.client.createSender("q");
  await sender.sendMessages({ messageId: "first", body: "x" });
  await sender.sendMessages({ messageId: "second", body: "x" });
  await kill(emulator);
}

/** Starts a broker that is to refuse, and returns what it says. */
async function refusal(directory: string): Promise<string> {
  await using emulator = runEmulator(["--port", "0", "--admin-port", "0", "--data", directory]);
  expect(await emulator.exited()).toBe(1);
  return emulator.stderr;
}

/** Starts a broker and kills it when it makes this file. */
async function killWhenItAppears(directory: string, file: string): Promise<void> {
  const emulator = runEmulator(["--port", "0", "--admin-port", "0", "--data", directory]);
  const watcher = watch(directory, (_event, name) => {
    if (name === file) {
      emulator.child.kill("SIGKILL");
    }
  });
  await emulator.exited();
  watcher.close();
}

it("drops a torn last write at the start, says so, and refuses a journal that is damaged elsewhere", async () => {
  await using folder = await temporaryFolder();
  await fillDirectory(folder.path);
  const journal = join(folder.path, "journal");
  const whole = readFileSync(journal);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(damaged.indexOf("first")) ^ 1, damaged.indexOf("first"));
  writeFileSync(journal, damaged);
  expect(await refusal(folder.path)).toMatch(
    /^servicebus-emulator: The data directory '.*' cannot be used\. The journal '.*' cannot be used\. It is damaged at byte \d+ of \d+, and not because it was being written there\./u,
  );
  writeFileSync(journal, whole);
  truncateSync(journal, whole.length - 3);
  await using emulator = await startEmulator(["--data", folder.path]);
  expect(emulator.stderr).toMatch(/^servicebus-emulator: The last \d+ bytes of the journal in/u);
  await using clients = clientsOf(emulator);
  expect([...(await findAll(clients.client, "q")).keys()]).toEqual(["first"]);
});

it("refuses a directory that a running broker uses, and takes over from one that was killed", async () => {
  await using folder = await temporaryFolder();
  {
    await using emulator = await startEmulator(["--data", folder.path]);
    expect(await refusal(folder.path)).toContain(`The process ${emulator.child.pid} uses it`);
    await kill(emulator);
  }
  await using next = await startEmulator(["--data", folder.path]);
  expect(next.stderr).toBe("");
});

it("keeps everything when it is killed while it writes its journal anew", async () => {
  await using folder = await temporaryFolder();
  const ids: string[] = [];
  {
    await using emulator = await startEmulator(["--data", folder.path]);
    await using clients = clientsOf(emulator);
    await clients.admin.createQueue("q");
    const sender = clients.client.createSender("q");
    for (let index = 0; index < 150; index += 1) {
      const messageId = `m-${index}`;
      await sender.sendMessages({ messageId, body: Buffer.alloc(200_000, index) });
      ids.push(messageId);
    }
    await kill(emulator);
  }
  const next = join(folder.path, "journal.new");
  // A busy machine may deliver the signal too late.
  for (let attempt = 0; attempt < 5 && !existsSync(next); attempt += 1) {
    await killWhenItAppears(folder.path, "journal.new");
  }
  expect(existsSync(next)).toBe(true);
  await using emulator = await startEmulator(["--data", folder.path]);
  expect(existsSync(next)).toBe(false);
  await using clients = clientsOf(emulator);
  const found = await findAll(clients.client, "q");
  expect([...found.keys()]).toEqual(ids);
  expect([...found.values()].every((copies) => copies.length === 1)).toBe(true);
});

it("refuses what it cannot keep while the disk is full, says so in /health, and goes on when there is room", async (context) => {
  let disk: SmallDisk;
  try {
    disk = mountSmallDisk(8_000_000);
  } catch (error) {
    return context.skip(`no tmpfs can be mounted here: ${String(error)}`);
  }
  using mounted = disk;
  const directory = join(mounted.path, "data");
  const kept: string[] = [];
  {
    await using emulator = await startEmulator(["--data", directory]);
    const connectionString = emulator.printed("ServiceBusClient");
    await using clients = connectClients({ connectionString }, impatient);
    const { client, admin } = clients;
    const health = async (): Promise<readonly [number, string]> => {
      const answer = await fetch(emulator.printed("Health"));
      return [answer.status, await answer.text()];
    };
    await admin.createQueue("q", { lockDuration: "PT5M" });
    const send = async (messageId: string): Promise<void> => {
      await client.createSender("q").sendMessages({ messageId, body: Buffer.alloc(50_000) });
      kept.push(messageId);
    };
    await send("held");
    const receiver = client.createReceiver("q");
    const held = only(await receiver.receiveMessages(1, wait));
    mounted.fill(1_000_000);
    // The send whose write fails is cut off, as nobody knows what became of it; all later ones are refused.
    await expect(
      (async () => {
        for (let index = 0; ; index += 1) {
          await send(`filling-${index}`);
        }
      })(),
    ).rejects.toBeInstanceOf(Error);
    expect(kept.length).toBeGreaterThan(5);
    await until(async () => (await health())[0] === 503);
    expect((await health())[1]).toMatch(/"status": "failing",\s+"detail": ".*ENOSPC/u);
    await expect(send("refused")).rejects.toMatchObject({
      code: "QuotaExceeded",
      retryable: false,
    });
    await expect(receiver.completeMessage(held)).rejects.toMatchObject({ code: "QuotaExceeded" });
    expect((await receiver.peekMessages(1000)).length).toBeGreaterThanOrEqual(kept.length);
    const hasty = new ServiceBusAdministrationClient(
      emulator.printed("ServiceBusAdministrationClient"),
      impatient,
    );
    await expect(allowEmulator(hasty).createQueue("new")).rejects.toMatchObject({
      statusCode: 500,
    });
    mounted.free();
    await until(async () => (await health())[0] === 200);
    await send("afterwards");
    expect(emulator.stderr).toContain("The journal can be written again, and everything is in it.");
    await kill(emulator);
  }
  await using again = await startEmulator(["--data", directory]);
  await using clients = clientsOf(again);
  const found = await findAll(clients.client, "q");
  for (const id of kept) {
    expect([id, found.get(id)?.length]).toEqual([id, 1]);
  }
  expect(found.has("refused")).toBe(false);
  expect(found.has("held")).toBe(true);
});
