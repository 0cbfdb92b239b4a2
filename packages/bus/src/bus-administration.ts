import type { ServiceBusAdministrationClient } from "@azure/service-bus";
import type { Clock } from "@fleetquake/contract";
import { systemClock } from "@fleetquake/contract";
import type { BusConnection } from "./bus-connection.ts";
import { createAdministrationClient } from "./create-administration-client.ts";
import type { EndSignal } from "./operation-signal.ts";
import { pause } from "./pause.ts";
import { TOPOLOGY } from "./topology.ts";
import { withDeadline } from "./with-deadline.ts";

/** A management request that has no answer by then is given up. */
const REQUEST_TIMEOUT_IN_MS = 10_000;

/** Where a topic is missing, somebody is about to create it: an API replica, or the first of the fleet to come back. */
const PATIENCE_IN_MS = 200;

/** A process that ends does not wait longer. */
const DELETE_TIMEOUT_IN_MS = 1_000;

/** A topic of the fleet. */
export type BusTopic = (typeof TOPOLOGY)["commandsTopic" | "eventsTopic"];

/** Creates and deletes the fleet's entities; everything is idempotent, also when several processes do it at once. */
export class BusAdministration {
  readonly #connection: BusConnection;
  readonly #clock: Clock;
  #client: Promise<ServiceBusAdministrationClient> | undefined;

  constructor(connection: BusConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /**
   * Whether missing topics may be created here. A namespace's are deployed with it, by somebody who may; a broker that
   * is given by connection string forgets them when it is restarted.
   */
  get createsTopics(): boolean {
    return "connectionString" in this.#connection;
  }

  /** Creates the topics and the queue of locks where they are missing. */
  async ensureTopology(abortSignal?: EndSignal): Promise<void> {
    await Promise.all([
      this.#create(
        (client, options) => client.createTopic(TOPOLOGY.commandsTopic, options),
        abortSignal,
      ),
      this.#create(
        (client, options) => client.createTopic(TOPOLOGY.eventsTopic, options),
        abortSignal,
      ),
      this.#create(
        (client, options) =>
          client.createQueue(TOPOLOGY.locksQueue, {
            requiresSession: true,
            lockDuration: TOPOLOGY.lockDuration,
            ...options,
          }),
        abortSignal,
      ),
    ]);
  }

  /** Creates a subscription with its one rule, that everything matches; the topics too where they may be created. */
  async ensureSubscription(
    topic: BusTopic,
    subscription: string,
    abortSignal?: EndSignal,
  ): Promise<void> {
    const create = (): Promise<void> =>
      this.#create(
        (client, options) =>
          client.createSubscription(topic, subscription, { ...TOPOLOGY.subscription, ...options }),
        abortSignal,
      );
    if (await isFound(create)) {
      return;
    }
    await pause(this.#clock, PATIENCE_IN_MS * Math.random(), abortSignal);
    if (this.createsTopics) {
      if (await isFound(create)) {
        return;
      }
      await this.ensureTopology(abortSignal);
    }
    await create();
  }

  /** Deletes a subscription; one that is already gone is fine. */
  async deleteSubscription(topic: BusTopic, subscription: string): Promise<void> {
    try {
      await this.#request(
        (client, options) => client.deleteSubscription(topic, subscription, options),
        { timeoutInMs: DELETE_TIMEOUT_IN_MS },
      );
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw error;
      }
    }
  }

  async #create(
    create: (client: ServiceBusAdministrationClient, options: RequestOptions) => Promise<unknown>,
    abortSignal?: EndSignal,
  ): Promise<void> {
    try {
      await this.#request(create, { abortSignal });
    } catch (error) {
      if (statusOf(error) !== 409) {
        throw error;
      }
    }
  }

  #request<T>(
    request: (client: ServiceBusAdministrationClient, options: RequestOptions) => Promise<T>,
    limits: { readonly timeoutInMs?: number; readonly abortSignal?: EndSignal | undefined },
  ): Promise<T> {
    return withDeadline(
      {
        clock: this.#clock,
        timeoutInMs: limits.timeoutInMs ?? REQUEST_TIMEOUT_IN_MS,
        subject: "the bus's management API",
        abortSignals: [limits.abortSignal],
      },
      async (signal) => {
        this.#client ??= createAdministrationClient(this.#connection);
        return request(await this.#client, { abortSignal: signal });
      },
    );
  }
}

interface RequestOptions {
  readonly abortSignal: EndSignal;
}

/**
 * Creates the fleet's topics and its queue of locks where they are missing. Subscriptions are created by those who
 * listen. Idempotent, also when several processes do it at once.
 * @throws when the management API cannot be reached or refuses.
 */
export async function ensureTopology(connection: BusConnection): Promise<void> {
  await new BusAdministration(connection, systemClock).ensureTopology();
}

/** The HTTP status of a refusal, as the SDK's RestError carries it. */
function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error
    ? Number(error.statusCode)
    : undefined;
}

/** Whether a request met what it is about. */
async function isFound(request: () => Promise<void>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (statusOf(error) !== 404) {
      throw error;
    }
    return false;
  }
}
