import { AmqpError } from "./amqp-error.ts";
import { type Frame, performative } from "./frame.ts";
import { readBegin } from "./performatives.ts";
import { AmqpSession, type SessionOutput } from "./session.ts";

/** The highest channel number that a client may use; Service Bus allows as many. */
export const channelMax = 4999;

/** The sessions of one connection, by channel. The broker answers on the client's own number. */
export class SessionTable {
  readonly #connection: SessionOutput;
  readonly #sessions = new Map<number, AmqpSession>();

  constructor(connection: SessionOutput) {
    this.#connection = connection;
  }

  get linkCount(): number {
    let count = 0;
    for (const session of this.#sessions.values()) {
      count += session.linkCount;
    }
    return count;
  }

  /** Handles a frame that belongs to a session: begin, end, and all that lies between. */
  receive(frame: Frame): void {
    switch (frame.code) {
      case performative.begin:
        this.#begin(frame);
        break;
      case performative.end:
        this.#end(frame.channel);
        break;
      default:
        this.#session(frame.channel).receive(frame);
    }
  }

  /** Writes the dispositions that have gathered. */
  flush(): void {
    for (const session of this.#sessions.values()) {
      session.flush();
    }
  }

  /** Tells links that wait with messages that the client reads again. */
  unblocked(): void {
    for (const session of this.#sessions.values()) {
      session.unblocked();
    }
  }

  /** Tells every link that the connection is gone. */
  lost(): void {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) {
      session.lost();
    }
  }

  #begin(frame: Frame): void {
    const { channel } = frame;
    if (channel > channelMax || this.#sessions.has(channel)) {
      throw new AmqpError("amqp:not-allowed", `Channel ${channel} cannot begin a session.`);
    }
    const session = new AmqpSession(this.#connection, channel, readBegin(frame.fields));
    this.#sessions.set(channel, session);
  }

  #end(channel: number): void {
    const session = this.#session(channel);
    session.flush();
    this.#sessions.delete(channel);
    this.#connection.sendFrame(channel, performative.end, []);
    session.lost();
  }

  #session(channel: number): AmqpSession {
    const session = this.#sessions.get(channel);
    if (session === undefined) {
      throw new AmqpError("amqp:not-allowed", `Channel ${channel} has no session.`);
    }
    return session;
  }
}
