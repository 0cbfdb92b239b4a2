import { AmqpError } from "../amqp/amqp-error.ts";
import type { ConnectionHandler } from "../amqp/connection.ts";
import type { LinkRequest } from "../amqp/link-request.ts";
import { coordinatorDescriptor } from "../amqp/performatives.ts";
import { unanswered } from "../amqp/settlement.ts";
import type { BrokerContext } from "../entities/broker-context.ts";
import {
  formatAddress,
  formatPath,
  type LinkAddress,
  parseAddress,
} from "../entities/entity-name.ts";
import type { EntityLink } from "../entities/entity-use.ts";
import type { SessionHolder } from "../entities/message-session.ts";
import type { Entity, Namespace } from "../entities/namespace.ts";
import { PlainStore } from "../entities/plain-store.ts";
import type { SessionStore } from "../entities/session-store.ts";
import type { MessageContent } from "../messages/message-content.ts";
import { readMessages } from "../messages/read-messages.ts";
import type { AccessPolicy, AccessRight } from "../security/access-policy.ts";
import { ConnectionClaims } from "../security/connection-claims.ts";
import { acceptSession, wantedSession } from "./accept-session.ts";
import { demandChange, demandOpen } from "./demand-open.ts";
import {
  forwardsMessages,
  sessionRequired,
  sessionsNotEnabled,
  unauthorized,
} from "./link-refusal.ts";
import { manage, type ManageUse } from "./manage.ts";
import { storeOf } from "./management-store.ts";
import { manageCredits, sendCredits } from "./operation-credits.ts";
import { cbsStatusNames, putToken } from "./put-token.ts";
import { ReceivingLink } from "./receiving-link.ts";
import { type NodeResponse, RequestNode } from "./request-node.ts";

/** What every connection of a broker shares. */
export interface BrokerParts {
  readonly context: BrokerContext;
  readonly namespace: Namespace;
  readonly policies: readonly AccessPolicy[];
}

interface GuardedLink {
  readonly path: string;
  readonly right: AccessRight;
}

/** What one client may do and which links it has: decides on every link that it asks for. */
export class BrokerConnection implements ConnectionHandler {
  readonly #parts: BrokerParts;
  readonly #onClosed: () => void;
  readonly #claims = new ConnectionClaims();
  readonly #nodes = new Map<string, RequestNode>();
  readonly #sessionHolders = new Map<string, SessionHolder>();
  readonly #guarded = new Map<EntityLink, GuardedLink>();

  constructor(parts: BrokerParts, onClosed: () => void) {
    this.#parts = parts;
    this.#onClosed = onClosed;
  }

  linkRequested(request: LinkRequest): void {
    try {
      this.#decide(request);
    } catch (error) {
      if (!(error instanceof AmqpError)) {
        throw error;
      }
      request.refuse(error);
    }
  }

  closed(): void {
    this.#onClosed();
  }

  /** Detaches the links whose tokens have expired and were not renewed. */
  checkClaims(): void {
    const now = this.#parts.context.clock.now();
    for (const [link, { path, right }] of this.#guarded) {
      if (!this.#claims.allow(path, right, now)) {
        link.detach(unauthorized(right, path));
      }
    }
  }

  #decide(request: LinkRequest): void {
    const { attach } = request;
    if (attach.target?.descriptor === coordinatorDescriptor) {
      throw new AmqpError("amqp:not-implemented", "Transactions are not supported.");
    }
    const terminus = attach.isReceiver ? attach.source : attach.target;
    const text = terminus?.address;
    const address = text === undefined ? undefined : parseAddress(text);
    if (text === undefined || address === undefined || terminus?.dynamic === true) {
      throw new AmqpError("amqp:not-implemented", "A link needs the address of an entity.");
    }
    if (address.path === undefined) {
      this.#node("$cbs").attach(request);
      return;
    }
    const entity = this.#parts.namespace.find(address.path);
    const path = formatPath(address.path);
    if (entity === undefined) {
      throw new AmqpError("amqp:not-found", this.#parts.context.notFoundText(path));
    }
    if (address.node === "management") {
      this.#attachManagement(request, address);
    } else if (attach.isReceiver) {
      this.#attachReceiver(request, entity, address);
    } else {
      this.#attachSender(request, entity, address);
    }
  }

  #attachSender(request: LinkRequest, entity: Entity, address: LinkAddress): void {
    const path = this.#demand(address, "Send");
    if (entity.kind === "subscription" || address.subQueue !== "none") {
      throw new AmqpError("amqp:not-allowed", `Messages cannot be sent to '${path}'.`);
    }
    demandOpen(entity, "Send");
    const link = request.acceptIncoming({
      received: (delivery) => {
        demandOpen(entity, "Send");
        demandChange(this.#parts.context.faults);
        entity.use.touch();
        const messages = readMessages(delivery);
        const { credits, settlements } = this.#parts.context.faults;
        credits?.spend(sendCredits(entity, messages.length));
        entity.send(messages);
        return settlements?.losesReceipt() === true ? unanswered : undefined;
      },
      ended: () => {
        this.#release(entity, sender);
      },
    });
    const sender: EntityLink = {
      detach: (error) => {
        link.detach(error);
        this.#release(entity, sender);
      },
    };
    this.#guard(entity, sender, { path, right: "Send" });
  }

  #attachReceiver(request: LinkRequest, entity: Entity, address: LinkAddress): void {
    const path = this.#demand(address, "Listen");
    if (entity.kind === "topic") {
      throw new AmqpError(
        "amqp:not-allowed",
        "Messages are received from subscriptions of a topic.",
      );
    }
    demandOpen(entity, "Listen");
    if (address.subQueue === "none" && entity.settings.forwardTo !== undefined) {
      throw forwardsMessages(path);
    }
    const store = storeOf(entity.mailbox, address.subQueue);
    const wanted = wantedSession(request.attach);
    if (store instanceof PlainStore) {
      if (wanted !== undefined) {
        throw sessionsNotEnabled();
      }
      this.#receive(request, entity, { store, path });
      return;
    }
    if (wanted === undefined) {
      throw sessionRequired();
    }
    this.#receiveSession(request, entity, { id: wanted.id, store, path });
  }

  #receiveSession(
    request: LinkRequest,
    entity: Entity,
    { id, store, path }: { id: string | undefined; store: SessionStore; path: string },
  ): void {
    const key = request.attach.name;
    acceptSession(id, {
      request,
      store,
      use: entity.use,
      accepted: (holder, link) => {
        this.#sessionHolders.set(key, holder);
        this.#guard(entity, link, { path, right: "Listen" });
      },
      ended: (holder, link) => {
        this.#release(entity, link);
        if (this.#sessionHolders.get(key) === holder) {
          this.#sessionHolders.delete(key);
        }
      },
    });
  }

  #receive(
    request: LinkRequest,
    entity: Entity,
    { store, path }: { store: PlainStore; path: string },
  ): void {
    const link = request.acceptOutgoing();
    const receiver = new ReceivingLink({
      link,
      reception: store,
      locksMessages: request.attach.senderSettleMode !== 1,
      ended: () => {
        this.#release(entity, receiver);
      },
    });
    this.#guard(entity, receiver, { path, right: "Listen" });
    request.replayFlow(link);
  }

  #attachManagement(request: LinkRequest, address: LinkAddress): void {
    const path = formatAddress(address);
    const rights: readonly AccessRight[] = ["Listen", "Send"];
    const now = this.#parts.context.clock.now();
    if (!rights.some((right) => this.#claims.allow(path, right, now))) {
      throw unauthorized("Listen", path);
    }
    const key = path.toLowerCase();
    const known = this.#nodes.get(key);
    const node =
      known ??
      new RequestNode((message) => this.#manage(message, address), {
        code: "statusCode",
        description: "statusDescription",
        condition: "errorCondition",
      });
    this.#nodes.set(key, node);
    node.attach(request);
  }

  /** Answers a request; the entity is looked up each time, as it may have been made anew. */
  #manage(message: MessageContent, address: LinkAddress): NodeResponse {
    const entity =
      address.path === undefined ? undefined : this.#parts.namespace.find(address.path);
    if (entity === undefined) {
      const path = address.path === undefined ? "" : formatPath(address.path);
      throw new AmqpError("amqp:not-found", this.#parts.context.notFoundText(path));
    }
    return manage(message, {
      entity,
      subQueue: address.subQueue,
      holders: this.#sessionHolders,
      demand: (use: ManageUse) => {
        this.#demand(address, use === "Send" ? "Send" : "Listen");
        this.#parts.context.faults.credits?.spend(manageCredits(message, entity));
        if (use !== "rules") {
          demandOpen(entity, use);
        }
        entity.use.touch();
      },
      demandChange: () => {
        demandChange(this.#parts.context.faults);
      },
    });
  }

  #node(address: "$cbs"): RequestNode {
    const known = this.#nodes.get(address);
    if (known !== undefined) {
      return known;
    }
    const { context, namespace, policies } = this.#parts;
    const node = new RequestNode(
      (message) =>
        putToken(message, { broker: context, namespace, policies, claims: this.#claims }),
      cbsStatusNames,
    );
    this.#nodes.set(address, node);
    return node;
  }

  #guard(entity: Entity, link: EntityLink, guarded: GuardedLink): void {
    entity.use.add(link, guarded.right === "Send" ? "Send" : "Listen");
    this.#guarded.set(link, guarded);
  }

  #release(entity: Entity, link: EntityLink): void {
    entity.use.remove(link);
    this.#guarded.delete(link);
  }

  /** The path of an address, if the client has this right on it. @throws AmqpError */
  #demand(address: LinkAddress, right: AccessRight): string {
    const path = formatAddress(address);
    if (!this.#claims.allow(path, right, this.#parts.context.clock.now())) {
      throw unauthorized(right, path);
    }
    return path;
  }
}
