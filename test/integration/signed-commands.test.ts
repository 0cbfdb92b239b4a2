import { generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import { startSimulatedReplica, type SimulatedReplica } from "@fleetquake/agent/testing";
import { createCoordinatorBus } from "@fleetquake/bus";
import type { Command, Log } from "@fleetquake/contract";
import type { CommandBus } from "@fleetquake/coordinator";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { describe, expect, it } from "vitest";
import { overhearCommands, type OverheardCommands } from "../support/overheard-commands.ts";
import { until } from "../support/until.ts";

const api = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519");
const trustsApi = String(api.publicKey.export({ format: "pem", type: "spki" }));

/** A broker, an API's hand on the bus, and somebody who overhears it. */
interface World extends AsyncDisposable {
  readonly bus: CommandBus;
  readonly overheard: OverheardCommands;
  /** What replicas logged. */
  readonly logged: string[];
  startReplica(replicaId: string, commandPublicKey?: string): Promise<SimulatedReplica>;
}

async function startWorld(commandKey?: KeyObject): Promise<World> {
  const broker = await startBroker();
  const { connectionString } = broker;
  const bus = createCoordinatorBus({
    connection: { connectionString },
    issuer: randomUUID(),
    ...(commandKey !== undefined && { commandKey }),
  });
  const nothing = (): void => undefined;
  await bus.start({
    onEvent: nothing,
    onConnected: nothing,
    onDisconnected: nothing,
    onDropped: nothing,
  });
  const overheard = await overhearCommands(broker);
  const logged: string[] = [];
  const write = (event: string, fields?: object): void => {
    logged.push(`${event} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const replicas: SimulatedReplica[] = [];
  return {
    bus,
    overheard,
    logged,
    async startReplica(replicaId, commandPublicKey) {
      const replica = await startSimulatedReplica({
        bus: connectionString,
        replicaId,
        log,
        ...(commandPublicKey !== undefined && { commandPublicKey }),
      });
      replicas.push(replica);
      await until(() => replica.busConnected);
      return replica;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...replicas.map((replica) => replica.close()), bus.close()]);
      await overheard[Symbol.asyncDispose]();
      await broker.stop();
    },
  };
}

let epoch = 0;

function makeCommand(changes: Partial<Command> = {}): Command {
  epoch += 1;
  const command: Command = {
    schema: 1,
    type: "command",
    command_id: randomUUID(),
    fault: "redis-reset",
    action: "inject",
    parameters: { force: true, drain_timeout_ms: 5_000 },
    target: {},
    epoch,
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 30_000).toISOString(),
    issuer: "api-1",
  };
  return Object.assign(command, changes);
}

/** A message of the API's that has not been sent yet. */
function signed(command: Command, key: KeyObject = api.privateKey): ServiceBusMessage {
  const body = Buffer.from(JSON.stringify(command));
  const signature = sign(null, body, key).toString("base64");
  return { body, applicationProperties: { fleetquake_signature: signature } };
}

/** Every message that a replica took in, by what became of it. */
function tallyOf({ replica }: SimulatedReplica): Record<string, number> {
  const { acknowledged, refused, expired, duplicates, dropped } = replica.counters();
  return { acknowledged, refused, expired, duplicates, dropped };
}

const NOTHING = { acknowledged: 0, refused: 0, expired: 0, duplicates: 0, dropped: 0 };

describe("a fleet whose API signs", () => {
  it("obeys the API, and drops, counts and logs what is unsigned, altered or signed by a stranger", async () => {
    await using world = await startWorld(api.privateKey);
    const replica = await world.startReplica("strict", trustsApi);
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(replica)["acknowledged"] === 1);
    const heard = await world.overheard.next();
    const body = Buffer.from(heard.body);

    const forged: readonly ServiceBusMessage[] = [
      { body: Buffer.from(JSON.stringify(makeCommand())) },
      signed(makeCommand(), stranger.privateKey),
      { ...heard, body: Buffer.from(body.toString().replace('"force":true', '"force":false')) },
      { ...signed(makeCommand()), applicationProperties: heard.applicationProperties ?? {} },
      { ...signed(makeCommand()), applicationProperties: { fleetquake_signature: "" } },
      { body: Buffer.from(JSON.stringify({ schema: 1, type: "roll-call" })) },
    ];
    for (const message of forged) {
      await world.overheard.send(message);
    }
    await until(() => tallyOf(replica)["dropped"] === forged.length);
    expect(tallyOf(replica)).toEqual({ ...NOTHING, acknowledged: 1, dropped: forged.length });
    expect(world.logged.join("\n")).toMatch(/message-dropped.*is not signed/);

    // It is not deaf after that.
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(replica)["acknowledged"] === 2);
  });

  it("signs roll-calls too", async () => {
    await using world = await startWorld(api.privateKey);
    const replica = await world.startReplica("strict", trustsApi);
    const rollCall = {
      schema: 1,
      type: "roll-call",
      issued_at: new Date().toISOString(),
      issuer: "api-1",
      heartbeat_interval_ms: 700,
      jitter_ms: 0,
    } as const;
    await world.overheard.send({
      body: Buffer.from(JSON.stringify({ ...rollCall, heartbeat_interval_ms: 60_000 })),
    });
    await until(() => tallyOf(replica)["dropped"] === 1);
    expect(replica.replica.state().interval_ms).toBe(1_000);
    await world.bus.publishCommand(rollCall);
    await until(() => replica.replica.state().interval_ms === 700);
  });

  it("executes what is sent again at most once: by its id, its epoch, its expiry", async () => {
    await using world = await startWorld(api.privateKey);
    const replica = await world.startReplica("strict", trustsApi);
    const [older, shortLived] = [
      makeCommand(),
      makeCommand({ expires_at: new Date(Date.now() + 50).toISOString() }),
    ];
    await world.bus.publishCommand(makeCommand());
    const heard = await world.overheard.next();
    await until(() => tallyOf(replica)["acknowledged"] === 1);

    await world.overheard.send(heard);
    await until(() => tallyOf(replica)["duplicates"] === 1);
    // Signed by the API, but kept back by somebody until a later one had come.
    await world.overheard.send(signed(older));
    await until(() => tallyOf(replica)["refused"] === 1);
    await until(() => Date.now() > Date.parse(shortLived.expires_at));
    await world.overheard.send(signed(Object.assign(shortLived, { epoch: epoch + 1 })));
    await until(() => tallyOf(replica)["expired"] === 1);
    expect(tallyOf(replica)).toEqual({
      acknowledged: 1,
      duplicates: 1,
      refused: 1,
      expired: 1,
      dropped: 0,
    });
  });

  it("does not execute it in a replica that was started since either, which remembers nothing", async () => {
    await using world = await startWorld(api.privateKey);
    const before = await world.startReplica("restarted", trustsApi);
    await world.bus.publishCommand(makeCommand());
    const heard = await world.overheard.next();
    await until(() => tallyOf(before)["acknowledged"] === 1);
    await before.close();

    const after = await world.startReplica("restarted", trustsApi);
    await world.overheard.send(heard);
    await until(() => tallyOf(after)["dropped"] === 1);
    expect(tallyOf(after)).toEqual({ ...NOTHING, dropped: 1 });
    expect(world.logged.join("\n")).toContain("before this process started");
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(after)["acknowledged"] === 1);
  });

  it("changes its key without a gap: replicas take both meanwhile", async () => {
    await using world = await startWorld(stranger.privateKey);
    const next = stranger.publicKey.export({ format: "pem", type: "spki" });
    const replica = await world.startReplica("between", `${trustsApi}${String(next)}`);
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(replica)["acknowledged"] === 1);
    await world.overheard.send(signed(makeCommand()));
    await until(() => tallyOf(replica)["acknowledged"] === 2);
    expect(tallyOf(replica)).toEqual({ ...NOTHING, acknowledged: 2 });
  });

  it("may hold replicas that ask for no signature", async () => {
    await using world = await startWorld(api.privateKey);
    const replica = await world.startReplica("easy");
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(replica)["acknowledged"] === 1);
    expect(tallyOf(replica)).toEqual({ ...NOTHING, acknowledged: 1 });
  });
});

describe("an API without a key", () => {
  it("commands replicas that ask for none, and no others", async () => {
    await using world = await startWorld();
    const easy = await world.startReplica("easy");
    const strict = await world.startReplica("strict", trustsApi);
    await world.bus.publishCommand(makeCommand());
    await until(() => tallyOf(easy)["acknowledged"] === 1);
    await until(() => tallyOf(strict)["dropped"] === 1);
    expect(tallyOf(strict)["acknowledged"]).toBe(0);
  });
});
