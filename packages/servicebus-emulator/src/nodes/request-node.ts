import { AmqpError } from "../amqp/amqp-error.ts";
import {
  describedValue,
  intValue,
  listValue,
  mapValue,
  nullValue,
  stringValue,
  symbolValue,
} from "../amqp/encode-value.ts";
import { type IncomingDelivery, maxMessageSize } from "../amqp/incoming-link.ts";
import type { LinkRequest } from "../amqp/link-request.ts";
import type { OutgoingLink } from "../amqp/outgoing-link.ts";
import { MessageContent } from "../messages/message-content.ts";
import { sectionCode } from "../messages/message-sections.ts";

/** The answer of a node to a request. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly description: string;
  /** The AMQP condition of a refusal. */
  readonly condition?: string;
  /** The encoded value of the body. */
  readonly body?: Buffer;
}

/** The names under which a node tells its status: `$cbs` and `$management` differ. */
export interface StatusNames {
  readonly code: string;
  readonly description: string;
  readonly condition: string;
}

/** A node's work: answers one request, or throws AmqpError to refuse it. */
export type RequestHandler = (request: MessageContent) => NodeResponse;

const noTag = Buffer.alloc(0);
const longestQueue = 1000;

/**
 * The SDK hears nothing of a request that is rejected, and waits for its answer: what is somewhat too
 * large is therefore read, and refused by an answer.
 */
const maxRequestSize = 4 * maxMessageSize;

/**
 * A node that is asked over a pair of links: requests come on one, and answers go out on the one
 * that the request's reply-to names.
 */
export class RequestNode {
  readonly #handler: RequestHandler;
  readonly #names: StatusNames;
  readonly #replyLinks = new Map<string, OutgoingLink>();
  readonly #waiting = new Map<OutgoingLink, Buffer[]>();

  constructor(handler: RequestHandler, names: StatusNames) {
    this.#handler = handler;
    this.#names = names;
  }

  /** Accepts a client's link, whichever direction it has. */
  attach(request: LinkRequest): void {
    const { attach } = request;
    if (!attach.isReceiver) {
      request.acceptIncoming({
        maxSize: maxRequestSize,
        received: (delivery) => {
          this.#answer(delivery);
        },
        ended: () => undefined,
      });
      return;
    }
    const link = request.acceptOutgoing();
    const addresses = [attach.name, attach.target?.address ?? attach.name];
    for (const address of addresses) {
      this.#replyLinks.set(address, link);
    }
    link.handledBy({
      credited: () => {
        this.#sendWaiting(link);
      },
      ended: () => {
        this.#waiting.delete(link);
        for (const address of addresses) {
          if (this.#replyLinks.get(address) === link) {
            this.#replyLinks.delete(address);
          }
        }
      },
    });
    request.replayFlow(link);
  }

  #answer(delivery: IncomingDelivery): void {
    if (delivery.state !== null) {
      throw new AmqpError("amqp:not-implemented", "Transactions are not supported.");
    }
    const request = MessageContent.parse(delivery.payload);
    const link = this.#replyLinks.get(request.properties.replyTo ?? "");
    if (link === undefined) {
      throw new AmqpError("amqp:not-found", "The request's reply-to names no link.");
    }
    const waiting = this.#waiting.get(link) ?? [];
    if (waiting.length >= longestQueue) {
      throw new AmqpError("amqp:resource-limit-exceeded", "Too many answers wait for credit.");
    }
    waiting.push(this.#encode(request, this.#respond(request)));
    this.#waiting.set(link, waiting);
    this.#sendWaiting(link);
  }

  #respond(request: MessageContent): NodeResponse {
    try {
      return this.#handler(request);
    } catch (error) {
      if (!(error instanceof AmqpError)) {
        throw error;
      }
      return {
        statusCode: statusOf(error.condition),
        description: error.message,
        condition: error.condition,
      };
    }
  }

  #sendWaiting(link: OutgoingLink): void {
    const waiting = this.#waiting.get(link) ?? [];
    while (link.canSend) {
      const response = waiting.shift();
      if (response === undefined) {
        return;
      }
      link.send(response, noTag);
    }
  }

  #encode(request: MessageContent, response: NodeResponse): Buffer {
    const none = [nullValue, nullValue, nullValue, nullValue, nullValue];
    const properties = listValue([...none, request.messageIdBytes]);
    const status = [
      stringValue(this.#names.code),
      intValue(response.statusCode),
      stringValue(this.#names.description),
      stringValue(response.description),
    ];
    if (response.condition !== undefined) {
      status.push(stringValue(this.#names.condition), symbolValue(response.condition));
    }
    return Buffer.concat([
      describedValue(sectionCode.properties, properties),
      describedValue(sectionCode.applicationProperties, mapValue(status)),
      describedValue(sectionCode.value, response.body ?? nullValue),
    ]);
  }
}

/** An answer with status 200. */
export function ok(body: Buffer = nullValue): NodeResponse {
  return { statusCode: 200, description: "OK", body };
}

/** The HTTP-like status that Service Bus gives with a condition. */
function statusOf(condition: string): number {
  switch (condition) {
    case "amqp:unauthorized-access":
      return 401;
    case "amqp:link:message-size-exceeded":
    case "amqp:resource-limit-exceeded":
      return 403;
    case "amqp:not-found":
    case "com.microsoft:message-not-found":
      return 404;
    case "com.microsoft:entity-already-exists":
      return 409;
    case "com.microsoft:message-lock-lost":
    case "com.microsoft:session-lock-lost":
      return 410;
    case "amqp:internal-error":
      return 500;
    case "amqp:not-implemented":
      return 501;
    case "com.microsoft:server-busy":
      return 503;
    default:
      return 400;
  }
}
