import type { CommandClosed, CommandMessage, CommandOpened } from "@fleetquake/contract";
import type {
  CommandBus,
  CommandBusListener,
  Published,
  PublishOptions,
} from "@fleetquake/coordinator";
import type { Telemetry } from "@fleetquake/telemetry";

/** A bus that tells how long the publication of each command took, as a dependency of the request that asked for it. */
export class TrackedCommandBus implements CommandBus {
  readonly #bus: CommandBus;
  readonly #telemetry: Telemetry;
  readonly #target: string;

  /** @param options target: the name of the topic */
  constructor(
    bus: CommandBus,
    options: { readonly telemetry: Telemetry; readonly target: string },
  ) {
    this.#bus = bus;
    this.#telemetry = options.telemetry;
    this.#target = options.target;
  }

  get connected(): boolean {
    return this.#bus.connected;
  }

  start(listener: CommandBusListener): Promise<void> {
    return this.#bus.start(listener);
  }

  async publishCommand(message: CommandMessage, options: PublishOptions = {}): Promise<Published> {
    const startedAtInMs = performance.now();
    let published: Published | "no" = "no";
    try {
      published = await this.#bus.publishCommand(message, options);
      return published;
    } finally {
      if (options.trace !== undefined) {
        this.#telemetry.trackDependency({
          name: `publish ${message.type}`,
          type: "Azure Service Bus",
          target: this.#target,
          parent: options.trace,
          durationInMs: performance.now() - startedAtInMs,
          succeeded: published === "yes",
          properties: { published },
          isAlwaysSent: true,
        });
      }
    }
  }

  publishEvent(message: CommandOpened | CommandClosed, options?: PublishOptions): Promise<void> {
    return this.#bus.publishEvent(message, options);
  }

  provisionReplica(replicaId: string, instanceId: string): Promise<void> {
    return this.#bus.provisionReplica(replicaId, instanceId);
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]();
  }
}
