import type {
  MessageHandlers,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";
import type { BusTopic } from "./bus-administration.ts";
import { SIGNATURE_PROPERTY } from "./command-signature.ts";
import type { EndSignal } from "./operation-signal.ts";
import { TRACE_PROPERTY } from "./trace-property.ts";
import type { Transport } from "./transport.ts";

export interface SubscriptionReceiverOptions {
  readonly topic: BusTopic;
  readonly subscription: string;
  /** How many messages may be on their way to us. */
  readonly credits: number;
  /** Called for every message, also the unreadable; must not throw. */
  readonly onMessage: (message: ReceivedMessage) => void;
  /** A message that the SDK itself could not read. */
  readonly onUnreadable: (reason: string) => void;
}

/** What of a received message matters here. */
export interface ReceivedMessage {
  readonly body: unknown;
  /** The application property that signs a command; undefined where there is none. */
  readonly signature?: unknown;
  /** The application property that names a command's operation; undefined where there is none. */
  readonly traceparent?: unknown;
  /** As its sender named it; of any AMQP type, undefined where there is none. */
  readonly messageId: unknown;
  /** The broker's stamp, ms since 1970; undefined where it set none. */
  readonly enqueuedAtInMs: number | undefined;
}

/**
 * The SDK calls these too, though its types do not say so: they are the only way to learn that a link is attached, and
 * that it is about to be attached again. Pinned by the exact version of the SDK and by this package's tests.
 */
interface LinkHandlers extends MessageHandlers {
  /** An attempt to attach the link begins. */
  preInitialize(): Promise<void>;
  /** The link is attached; its credit follows in the same tick. */
  postInitialize(): Promise<void>;
  /** Errors that the SDK otherwise keeps to its log. */
  readonly forwardInternalErrors: boolean;
}

/**
 * Receives from a subscription until the transport fails, receive-and-delete: a message is delivered at most once.
 *
 * It never re-attaches: a link that went away took messages with it, so that its end is the transport's.
 */
export class SubscriptionReceiver {
  readonly #transport: Transport;
  readonly #options: SubscriptionReceiverOptions;
  readonly #receiver: ServiceBusReceiver;
  #isAttached = false;
  #unreadable = 0;

  private constructor(transport: Transport, options: SubscriptionReceiverOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#receiver = transport.client.createReceiver(options.topic, options.subscription, {
      receiveMode: "receiveAndDelete",
      skipParsingBodyAsJson: true,
      skipConvertingDate: true,
    });
  }

  /**
   * Attaches to a subscription.
   * @throws the SDK's error when that fails, `MessagingEntityNotFound` when there is no such subscription; the transport
   * lives on.
   */
  static async attach(
    transport: Transport,
    options: SubscriptionReceiverOptions,
  ): Promise<SubscriptionReceiver> {
    const receiver = new SubscriptionReceiver(transport, options);
    await receiver.#attach();
    return receiver;
  }

  /** One round trip to the broker that changes nothing. */
  async probe(abortSignal: EndSignal): Promise<void> {
    await this.#receiver.peekMessages(1, { abortSignal });
  }

  #attach(): Promise<void> {
    // The SDK tries for ever; this ends it after the first failure, and when the transport fails.
    const attempts = new AbortController();
    const onLost = (): void => attempts.abort();
    this.#transport.signal.addEventListener("abort", onLost, { once: true });
    return new Promise((resolve, reject) => {
      const handlers: LinkHandlers = {
        forwardInternalErrors: true,
        processMessage: (message) => {
          this.#options.onMessage(readReceived(message));
          return Promise.resolve();
        },
        processError: ({ error, errorSource }) => {
          if (this.#isAttached) {
            this.#onError(error, errorSource);
          } else {
            attempts.abort();
            this.#transport.signal.removeEventListener("abort", onLost);
            reject(error);
          }
          return Promise.resolve();
        },
        preInitialize: () => {
          if (this.#isAttached) {
            this.#transport.fail(new Error("The broker detached the receiver"));
          }
          return Promise.resolve();
        },
        postInitialize: () => {
          this.#isAttached = true;
          resolve();
          return Promise.resolve();
        },
      };
      this.#receiver.subscribe(handlers, {
        maxConcurrentCalls: this.#options.credits,
        abortSignal: attempts.signal,
      });
    });
  }

  #onError(error: Error, errorSource: string): void {
    if (errorSource !== "internal" || error.name === "AbortError") {
      this.#transport.fail(error);
      return;
    }
    this.#options.onUnreadable(`the SDK could not read the message: ${error.message}`);
    this.#unreadable += 1;
    if (this.#unreadable * 2 > this.#options.credits) {
      // The SDK forgets the credit of such a message: without it the receiver would fall deaf.
      this.#transport.fail(new Error("Too many messages that the SDK could not read"));
    }
  }
}

function readReceived(message: ServiceBusReceivedMessage): ReceivedMessage {
  const enqueuedAtInMs = message.enqueuedTimeUtc?.getTime();
  return {
    body: message.body,
    signature: message.applicationProperties?.[SIGNATURE_PROPERTY],
    traceparent: message.applicationProperties?.[TRACE_PROPERTY],
    messageId: message.messageId,
    enqueuedAtInMs:
      enqueuedAtInMs === undefined || Number.isNaN(enqueuedAtInMs) ? undefined : enqueuedAtInMs,
  };
}
