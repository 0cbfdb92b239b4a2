import type { KeyObject } from "node:crypto";
import type { ServiceBusMessage } from "@azure/service-bus";
import {
  parseFleetEvent,
  type Clock,
  type CommandMessage,
  type FleetEvent,
  type LedgerEvent,
  type Log,
} from "@fleetquake/contract";
import {
  BusUnavailableError,
  type CommandBus,
  type CommandBusListener,
  type EventOrigin,
  type Published,
  type PublishOptions,
} from "@fleetquake/coordinator/ports";
import { BusAdministration } from "./bus-administration.ts";
import type { BusConnection } from "./bus-connection.ts";
import { LiveConnection } from "./live-connection.ts";
import { encodeMessage, signMessage } from "./message-body.ts";
import { MessageIntake, tellListener } from "./message-intake.ts";
import type { EndSignal } from "./operation-signal.ts";
import { publishMessage, type PublishResult } from "./publish-message.ts";
import { ReplicaProvisioner } from "./replica-provisioner.ts";
import { issuerSubscriptionName } from "./subscription-names.ts";
import { SubscriptionReceiver, type ReceivedMessage } from "./subscription-receiver.ts";
import { TOPOLOGY } from "./topology.ts";
import { withTrace } from "./trace-property.ts";
import type { Transport } from "./transport.ts";
import { watchLiveness } from "./watch-liveness.ts";

export interface ServiceBusCommandBusOptions {
  readonly connection: BusConnection;
  readonly issuer: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly createsSubscriptions: boolean;
  /** Signs what is published on the topic of commands; undefined: nothing is signed. */
  readonly commandKey: KeyObject | undefined;
  /** Called on every new transport, after its links are open; must not throw. */
  readonly onTransport: (transport: Transport) => void;
}

/** The answers of a large fleet come all at once. */
const CREDITS = 512;

const PUBLISH_TIMEOUT_IN_MS = 5_000;
const PUBLISH_RETRIES = 3;

/** The coordinator's side of the bus on Azure Service Bus. */
export class ServiceBusCommandBus implements CommandBus {
  readonly live: LiveConnection;
  readonly administration: BusAdministration;
  readonly #options: ServiceBusCommandBusOptions;
  readonly #provisioner: ReplicaProvisioner;
  readonly #subscription: string;
  readonly #intake: MessageIntake<FleetEvent>;
  #listener: CommandBusListener | undefined;
  #receiver: SubscriptionReceiver | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServiceBusCommandBusOptions) {
    const { connection, clock, log } = options;
    this.#options = options;
    this.#subscription = issuerSubscriptionName(options.issuer);
    this.administration = new BusAdministration(connection, clock);
    this.#provisioner = new ReplicaProvisioner(this.administration, clock);
    this.#intake = new MessageIntake({
      clock,
      log,
      source: TOPOLOGY.eventsTopic,
      parse: parseFleetEvent,
      deliver: (event, enqueuedAtInMs, received) =>
        this.#listener?.onEvent(event, enqueuedAtInMs, originOf(received)),
      onDropped: (reason) => this.#listener?.onDropped(reason),
    });
    this.live = new LiveConnection({
      connection,
      clock,
      log,
      open: (transport, abortSignal) => this.#open(transport, abortSignal),
      onLive: (transport) => this.#onLive(transport),
      onLost: () => this.#onLost(),
    });
  }

  get connected(): boolean {
    return this.live.isLive;
  }

  async start(listener: CommandBusListener): Promise<void> {
    this.#listener = listener;
    if (this.live.isLive) {
      // The lock was used before the bus: nobody has heard of the connection yet.
      this.#tell((told) => told.onConnected());
    }
    await this.live.start();
  }

  async publishCommand(message: CommandMessage, options: PublishOptions = {}): Promise<Published> {
    const { commandKey } = this.#options;
    const encoded = encodeMessage(message);
    const signed = commandKey === undefined ? encoded : signMessage(encoded, commandKey);
    const traced = options.trace === undefined ? signed : withTrace(signed, options.trace);
    const result = await this.#publish(TOPOLOGY.commandsTopic, traced, options);
    switch (result.outcome) {
      case "settled":
        return "yes";
      case "unknown":
        return "unknown";
      case "not-sent":
        throw new BusUnavailableError(`The ${message.type} was not published`, {
          cause: result.cause,
        });
    }
  }

  async publishEvent(message: LedgerEvent, options: PublishOptions = {}): Promise<void> {
    const result = await this.#publish(TOPOLOGY.eventsTopic, encodeMessage(message), options);
    if (result.outcome !== "settled") {
      throw new BusUnavailableError(`The ${message.type} was not settled by the bus`, {
        cause: result.cause,
      });
    }
  }

  async provisionReplica(replicaId: string, instanceId: string): Promise<void> {
    if (this.#options.createsSubscriptions) {
      await this.#provisioner.provision(replicaId, instanceId);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #publish(
    topic: typeof TOPOLOGY.commandsTopic | typeof TOPOLOGY.eventsTopic,
    message: ServiceBusMessage,
    options: PublishOptions,
  ): Promise<PublishResult> {
    return publishMessage(this.live, message, {
      clock: this.#options.clock,
      topic,
      timeoutInMs: options.timeoutInMs ?? PUBLISH_TIMEOUT_IN_MS,
      maxRetries: PUBLISH_RETRIES,
      abortSignal: options.abortSignal,
    });
  }

  async #open(transport: Transport, abortSignal: EndSignal): Promise<void> {
    if (this.administration.createsTopics) {
      await this.administration.ensureTopology(abortSignal);
    }
    await this.administration.ensureSubscription(
      TOPOLOGY.eventsTopic,
      this.#subscription,
      abortSignal,
    );
    const [receiver] = await Promise.all([
      SubscriptionReceiver.attach(transport, {
        topic: TOPOLOGY.eventsTopic,
        subscription: this.#subscription,
        credits: CREDITS,
        onMessage: (message) => this.#intake.accept(message),
        onUnreadable: (reason) => this.#intake.drop(reason),
      }),
      transport.openSender(TOPOLOGY.commandsTopic, abortSignal),
      transport.openSender(TOPOLOGY.eventsTopic, abortSignal),
    ]);
    this.#receiver = receiver;
  }

  #onLive(transport: Transport): void {
    const receiver = this.#receiver;
    if (receiver !== undefined) {
      void watchLiveness({
        clock: this.#options.clock,
        transport,
        probe: (abortSignal) => receiver.probe(abortSignal),
      });
    }
    this.#options.onTransport(transport);
    this.#tell((listener) => listener.onConnected());
  }

  #onLost(): void {
    this.#provisioner.forget();
    this.#tell((listener) => listener.onDisconnected());
  }

  #tell(tell: (listener: CommandBusListener) => void): void {
    tellListener(this.#options.log, () => {
      if (this.#listener !== undefined) {
        tell(this.#listener);
      }
    });
  }

  async #close(): Promise<void> {
    const wasConnected = this.connected;
    // Not at once: a link that is detached by the deletion costs the SDK 200 ms of waiting for its credit.
    await this.live.close();
    if (wasConnected) {
      await this.#deleteSubscription();
    }
    this.#listener = undefined;
  }

  /** What cannot be deleted now deletes itself when it was idle for five minutes. */
  async #deleteSubscription(): Promise<void> {
    try {
      await this.administration.deleteSubscription(TOPOLOGY.eventsTopic, this.#subscription);
    } catch (error) {
      this.#options.log.debug("bus-subscription-left-behind", { error: String(error) });
    }
  }
}

function originOf({ body, messageId }: ReceivedMessage): EventOrigin {
  return {
    messageId: typeof messageId === "string" ? messageId : "",
    sizeInBytes: body instanceof Uint8Array ? body.byteLength : 0,
  };
}
