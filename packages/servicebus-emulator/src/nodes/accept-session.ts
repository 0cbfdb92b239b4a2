import { AmqpError } from "../amqp/amqp-error.ts";
import { type AmqpValue, Described } from "../amqp/amqp-value.ts";
import { longValue, stringValue, symbolValue } from "../amqp/encode-value.ts";
import type { LinkRequest } from "../amqp/link-request.ts";
import type { Attach } from "../amqp/performatives.ts";
import type { EntityLink, EntityUse } from "../entities/entity-use.ts";
import type { SessionHolder } from "../entities/message-session.ts";
import type { AcceptedSession, SessionStore } from "../entities/session-store.ts";
import { ReceivingLink } from "./receiving-link.ts";

const sessionFilter = "com.microsoft:session-filter";
const timeoutProperty = "com.microsoft:timeout";
const lockedUntilProperty = "com.microsoft:locked-until-utc";

/** How long Service Bus holds back the attach of a client that waits for a session. */
const defaultTimeoutInMs = 65_000;

/** .NET counts 100 ns ticks from the year 1. */
const epochInTicks = 621_355_968_000_000_000n;

/** What accepting a session works with. */
export interface AcceptSessionOptions {
  readonly request: LinkRequest;
  readonly store: SessionStore;
  readonly use: EntityUse;
  /** The session is accepted by this holder on this link. */
  readonly accepted: (holder: SessionHolder, link: EntityLink) => void;
  readonly ended: (holder: SessionHolder, link: EntityLink) => void;
}

/** Whether an attach asks for a session: for which one, or for the next free one (undefined). */
export function wantedSession(attach: Attach): { readonly id: string | undefined } | undefined {
  const filter = attach.source?.filter;
  if (filter === undefined || !filter.has(sessionFilter)) {
    return undefined;
  }
  return { id: sessionId(filter.get(sessionFilter) ?? null) };
}

function sessionId(value: AmqpValue): string | undefined {
  if (value instanceof Described) {
    return sessionId(value.value);
  }
  return typeof value === "string" ? value : undefined;
}

/**
 * Accepts a session for a client: the one it names, at once or not at all, or the next free one,
 * with the attach held back until there is one or the client's time is over.
 */
export function acceptSession(id: string | undefined, options: AcceptSessionOptions): void {
  const { request, store, use } = options;
  const receiver = new SessionReceiver(options);
  if (id !== undefined) {
    receiver.granted(store.accept(id, receiver));
    return;
  }
  const pending: EntityLink = {
    detach: (error) => {
      giveUp();
      request.refuse(error);
    },
  };
  const leave = (): void => {
    use.remove(pending);
  };
  use.add(pending, "Listen");
  const timeout = request.attach.properties.get(timeoutProperty);
  const giveUp = store.acceptNext({
    holder: receiver,
    timeoutInMs: typeof timeout === "number" ? timeout : defaultTimeoutInMs,
    granted: (accepted) => {
      leave();
      receiver.granted(accepted);
    },
    timedOut: (error) => {
      leave();
      request.refuse(error);
    },
  });
  request.onWithdrawn(() => {
    leave();
    giveUp();
  });
}

/** A client's receiver on a session, from the moment it asks. */
class SessionReceiver implements SessionHolder {
  readonly #options: AcceptSessionOptions;
  #link: ReceivingLink | undefined;

  constructor(options: AcceptSessionOptions) {
    this.#options = options;
  }

  granted({ session, lockedUntil }: AcceptedSession): void {
    const { request, store } = this.#options;
    const link = request.acceptOutgoing({
      filter: [symbolValue(sessionFilter), stringValue(session.id)],
      properties: [symbolValue(lockedUntilProperty), longValue(ticksOf(lockedUntil))],
    });
    const receivingLink = new ReceivingLink({
      link,
      reception: session,
      locksMessages: request.attach.senderSettleMode !== 1,
      ended: () => {
        store.release(session, this);
        this.#options.ended(this, receivingLink);
      },
    });
    this.#link = receivingLink;
    this.#options.accepted(this, receivingLink);
    request.replayFlow(link);
  }

  sessionLost(error: AmqpError): void {
    this.#link?.detach(error);
  }
}

/** A moment in broker time (milliseconds since 1970) as .NET ticks. */
function ticksOf(epochMs: number): bigint {
  return BigInt(Math.trunc(epochMs)) * 10_000n + epochInTicks;
}
