import type { KeyObject } from "node:crypto";
import {
  parseCommandMessage,
  parseTraceparent,
  silentLog,
  systemClock,
  type Clock,
  type CommandMessage,
  type Log,
  type ReplicaEvent,
} from "@fleetquake/contract";
import type { ReplicaBus, ReplicaBusListener } from "@fleetquake/replica";
import { attachWhenProvisioned } from "./attach-when-provisioned.ts";
import { BusAdministration } from "./bus-administration.ts";
import { busEndpoint, type BusConnection } from "./bus-connection.ts";
import { CommandCheck } from "./command-check.ts";
import { HeartbeatWatch } from "./heartbeat-watch.ts";
import { LiveConnection } from "./live-connection.ts";
import { encodeMessage } from "./message-body.ts";
import { MessageIntake, tellListener } from "./message-intake.ts";
import type { EndSignal } from "./operation-signal.ts";
import { publishMessage } from "./publish-message.ts";
import { replicaSubscriptionName } from "./subscription-names.ts";
import { SubscriptionReceiver } from "./subscription-receiver.ts";
import { TOPOLOGY } from "./topology.ts";
import type { Transport } from "./transport.ts";

export interface ReplicaBusOptions {
  readonly connection: BusConnection;
  readonly replicaId: string;
  /** New with every start of the process. */
  readonly instanceId: string;
  /** @default silentLog */
  readonly log?: Log;
  /** @default systemClock */
  readonly clock?: Clock;
  /**
   * Whether this replica creates and deletes its own subscription, which takes the right to manage the topic. Otherwise
   * an API replica does it when it hears the hello.
   * @default true with a connection string, false with a namespace
   */
  readonly createsSubscription?: boolean;
  /**
   * The Ed25519 public keys by which a message on the topic of commands must be signed; all others are dropped and
   * counted, and so are commands from before the process started.
   * @default whoever may send to the topic commands
   */
  readonly commandKeys?: readonly KeyObject[];
  /** When the process started, by the clock's monotonic time. @default when this is called */
  readonly startedAtMonotonicInMs?: number;
}

/** Commands to one replica are few. */
const CREDITS = 64;

const PUBLISH_TIMEOUT_IN_MS = 3_000;
const PUBLISH_RETRIES = 3;

/**
 * The replica's side of the bus on Azure Service Bus. Nothing is connected before `start`.
 * @throws {TypeError} when the connection is incomplete.
 */
export function createReplicaBus(options: ReplicaBusOptions): ReplicaBus {
  return new ServiceBusReplicaBus(options);
}

class ServiceBusReplicaBus implements ReplicaBus {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #live: LiveConnection;
  readonly #administration: BusAdministration;
  readonly #createsSubscription: boolean;
  readonly #subscription: string;
  readonly #intake: MessageIntake<CommandMessage>;
  #listener: ReplicaBusListener | undefined;
  #isAttached = false;
  readonly #heartbeats = new HeartbeatWatch();
  #closing: Promise<void> | undefined;

  constructor(options: ReplicaBusOptions) {
    const { connection, replicaId, instanceId, log = silentLog, clock = systemClock } = options;
    // A broken connection string shall fail here, not in the background.
    busEndpoint(connection);
    this.#clock = clock;
    this.#log = log;
    this.#createsSubscription = options.createsSubscription ?? "connectionString" in connection;
    this.#subscription = replicaSubscriptionName(replicaId, instanceId);
    this.#administration = new BusAdministration(connection, clock);
    const check = commandCheckOf(options, clock);
    this.#intake = new MessageIntake<CommandMessage>({
      clock,
      log,
      source: TOPOLOGY.commandsTopic,
      ...(check !== null && {
        reasonAgainstBody: (received) => check.reasonAgainstBody(received),
        reasonAgainst: (message, enqueuedAtInMs) => check.reasonAgainstAge(message, enqueuedAtInMs),
      }),
      parse: parseCommandMessage,
      deliver: (message, enqueuedAtInMs, { traceparent }) =>
        this.#listener?.onCommand(message, enqueuedAtInMs, parseTraceparent(traceparent)),
      onDropped: (reason) => this.#listener?.onDropped(reason),
    });
    this.#live = new LiveConnection({
      connection,
      clock,
      log,
      open: (transport, abortSignal) => this.#open(transport, abortSignal),
      onLive: (transport) => this.#onLive(transport),
      onLost: () => this.#onLost(),
    });
  }

  get connected(): boolean {
    return this.#isAttached && this.#live.isLive;
  }

  start(listener: ReplicaBusListener): Promise<void> {
    this.#listener = listener;
    return this.#live.start();
  }

  async publish(
    event: ReplicaEvent,
    options: { readonly timeoutInMs?: number } = {},
  ): Promise<void> {
    const isHeartbeat = event.type === "heartbeat";
    const timeoutInMs = options.timeoutInMs ?? PUBLISH_TIMEOUT_IN_MS;
    const result = await publishMessage(this.#live, encodeMessage(event), {
      clock: this.#clock,
      topic: TOPOLOGY.eventsTopic,
      timeoutInMs,
      // The next heartbeat is its repetition.
      maxRetries: isHeartbeat ? 0 : PUBLISH_RETRIES,
    });
    if (isHeartbeat && this.#live.isLive) {
      await this.#judge(result.outcome === "settled", timeoutInMs);
    }
    if (result.outcome !== "settled") {
      throw new Error(`The ${event.type} was not settled by the bus`, { cause: result.cause });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(transport: Transport, abortSignal: EndSignal): Promise<void> {
    this.#isAttached = false;
    if (this.#createsSubscription) {
      await this.#administration.ensureSubscription(
        TOPOLOGY.commandsTopic,
        this.#subscription,
        abortSignal,
      );
    }
    const senderOpened = transport.openSender(TOPOLOGY.eventsTopic, abortSignal);
    if (this.#createsSubscription) {
      await Promise.all([senderOpened, this.#attach(transport)]);
      this.#isAttached = true;
      return;
    }
    await senderOpened;
  }

  #attach(transport: Transport): Promise<SubscriptionReceiver> {
    return SubscriptionReceiver.attach(transport, {
      topic: TOPOLOGY.commandsTopic,
      subscription: this.#subscription,
      credits: CREDITS,
      onMessage: (message) => this.#intake.accept(message),
      onUnreadable: (reason) => this.#intake.drop(reason),
    });
  }

  #onLive(transport: Transport): void {
    this.#heartbeats.reset();
    const connected = (): void => this.#tell((listener) => listener.onConnected());
    if (this.#isAttached) {
      connected();
      return;
    }
    void attachWhenProvisioned({
      clock: this.#clock,
      log: this.#log,
      transport,
      attach: () => this.#attach(transport),
      // The hello that follows is what makes an API replica create the subscription.
      announce: connected,
      onAttached: () => {
        this.#isAttached = true;
        connected();
      },
    });
  }

  #onLost(): void {
    this.#isAttached = false;
    this.#tell((listener) => listener.onDisconnected());
  }

  async #judge(isSettled: boolean, timeoutInMs: number): Promise<void> {
    if (!isSettled) {
      // On a busy process the timer comes first, and what the broker sent is read after it.
      await new Promise(setImmediate);
    }
    const isSilent = this.#live.silentForInMs() >= timeoutInMs;
    if (this.#heartbeats.isOver({ isSettled, isSilent })) {
      this.#heartbeats.reset();
      this.#live.rebuild("The broker did not answer the heartbeats");
    }
  }

  #tell(tell: (listener: ReplicaBusListener) => void): void {
    tellListener(this.#log, () => {
      if (this.#listener !== undefined) {
        tell(this.#listener);
      }
    });
  }

  async #close(): Promise<void> {
    const ownsSubscription = this.#createsSubscription && this.connected;
    // Not at once: a link that is detached by the deletion costs the SDK 200 ms of waiting for its credit.
    await this.#live.close();
    if (ownsSubscription) {
      await this.#deleteSubscription();
    }
    this.#listener = undefined;
  }

  /** What cannot be deleted now deletes itself when it was idle for five minutes. */
  async #deleteSubscription(): Promise<void> {
    try {
      await this.#administration.deleteSubscription(TOPOLOGY.commandsTopic, this.#subscription);
    } catch (error) {
      this.#log.debug("bus-subscription-left-behind", { error: String(error) });
    }
  }
}

function commandCheckOf(
  { commandKeys, startedAtMonotonicInMs }: ReplicaBusOptions,
  clock: Clock,
): CommandCheck | null {
  return commandKeys === undefined
    ? null
    : new CommandCheck({
        keys: commandKeys,
        clock,
        startedAtMonotonicInMs: startedAtMonotonicInMs ?? clock.monotonicInMs(),
      });
}
