import { randomUUID } from "node:crypto";
import { createCoordinatorBus } from "@fleetquake/bus";
import type { Command, CommandOrder, FleetEvent, RollCall } from "@fleetquake/contract";
import type { CommandBus } from "@fleetquake/coordinator";
import { until } from "./until.ts";

type CommandEnvelope = Omit<Command, keyof CommandOrder>;

/** What the helper orders where a test does not say. */
const forcedReset: CommandOrder = {
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 5_000 },
};

type EventOf<T extends FleetEvent["type"]> = Extract<FleetEvent, { type: T }>;

/** An API replica's place on the bus without a coordinator behind it: commands by hand, and every event that came. */
export interface FleetBus extends AsyncDisposable {
  readonly bus: CommandBus;
  readonly events: FleetEvent[];
  published<T extends FleetEvent["type"]>(type: T): EventOf<T>[];
  /** Waits for an event, also one that has come already. */
  event<T extends FleetEvent["type"]>(
    type: T,
    fits?: (event: EventOf<T>) => boolean,
    timeoutInMs?: number,
  ): Promise<EventOf<T>>;
  /** Publishes a forced reset for everybody, or another order, changed as given, and returns it. */
  command(changes?: Partial<CommandEnvelope>, order?: CommandOrder): Promise<Command>;
  rollCall(changes?: Partial<RollCall>): Promise<void>;
}

/** Joins the bus as an API replica would. */
export async function joinFleetBus(connectionString: string): Promise<FleetBus> {
  const bus = createCoordinatorBus({ connection: { connectionString }, issuer: randomUUID() });
  const events: FleetEvent[] = [];
  await bus.start({
    onEvent: (event) => events.push(event),
    onConnected: () => undefined,
    onDisconnected: () => undefined,
    onDropped: () => undefined,
  });
  let epoch = 0;
  const published: FleetBus["published"] = (type) =>
    events.filter((event): event is EventOf<typeof type> => event.type === type);
  return {
    bus,
    events,
    published,
    async event(type, fits = () => true, timeoutInMs = 20_000) {
      const find = (): EventOf<typeof type> | undefined =>
        published(type).find((event) => fits(event));
      await until(() => find() !== undefined, timeoutInMs);
      const found = find();
      if (found === undefined) {
        throw new Error(`no ${type}`);
      }
      return found;
    },
    async command(changes = {}, order = forcedReset) {
      epoch += 1;
      const command: Command = {
        schema: 1,
        type: "command",
        command_id: randomUUID(),
        target: {},
        epoch,
        issued_at: new Date().toISOString(),
        expires_at: new Date(Date.now() + 10_000).toISOString(),
        issuer: "test",
        ...changes,
        ...order,
      };
      await bus.publishCommand(command);
      return command;
    },
    async rollCall(changes = {}) {
      await bus.publishCommand({
        schema: 1,
        type: "roll-call",
        issuer: "test",
        issued_at: new Date().toISOString(),
        heartbeat_interval_ms: 250,
        jitter_ms: 0,
        ...changes,
      });
    },
    [Symbol.asyncDispose]: () => bus.close(),
  };
}
