import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { StreamEvent } from "@fleetquake/contract";
import { waitFor } from "./wait-for.ts";

/** One event as it came. */
export interface ReceivedEvent<T extends StreamEvent = StreamEvent> {
  /** null: it had none. */
  readonly id: string | null;
  /** The stream's name for it. */
  readonly name: string;
  readonly data: T;
}

/** A client of `GET /chaos/events`. */
export interface EventFollower extends AsyncDisposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly ReceivedEvent[];
  readonly comments: readonly string[];
  /** What the stream said of reconnecting, in milliseconds; null: nothing. */
  readonly retryInMs: number | null;
  /** Resolves when the server has ended the stream, however. */
  readonly ended: Promise<void>;
  /** The body of an answer that is no stream. */
  readonly text: string;
  of<T extends StreamEvent["type"]>(
    type: T,
  ): readonly ReceivedEvent<Extract<StreamEvent, { type: T }>>[];
  /** Waits until an event of a type is there, the first that fits. */
  event<T extends StreamEvent["type"]>(
    type: T,
    fits?: (event: Extract<StreamEvent, { type: T }>) => boolean,
  ): Promise<ReceivedEvent<Extract<StreamEvent, { type: T }>>>;
  /** Reads nothing any more. */
  stall(): void;
  resume(): void;
}

export interface FollowEventsOptions {
  readonly lastEventId?: string;
  /** @default true; false: it reads nothing, not even what comes first */
  readonly reads?: boolean;
}

const TIMEOUT_IN_MS = 15_000;

/** Opens a stream and reads it as the WHATWG's HTML standard says. */
export async function followEvents(
  url: string,
  { lastEventId, reads = true }: FollowEventsOptions = {},
): Promise<EventFollower> {
  const outgoing = request(`${url}/chaos/events`, {
    agent: false,
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
  outgoing.end();
  const [incoming]: IncomingMessage[] = await once(outgoing, "response", {
    signal: AbortSignal.timeout(TIMEOUT_IN_MS),
  });
  if (incoming === undefined) {
    throw new Error("no answer");
  }
  outgoing.on("error", () => undefined);
  incoming.on("error", () => undefined);
  return follow(incoming, reads);
}

function follow(incoming: IncomingMessage, reads: boolean): EventFollower {
  const events: ReceivedEvent[] = [];
  const comments: string[] = [];
  let retryInMs: number | null = null;
  let text = "";
  let rest = "";
  const read = (block: string): void => {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === "") {
        comments.push(value);
      }
      fields.set(name, value);
    }
    const retry = fields.get("retry");
    retryInMs = retry === undefined ? retryInMs : Number(retry);
    const data = fields.get("data");
    if (data !== undefined) {
      const [id, name] = [fields.get("id") ?? null, fields.get("event") ?? "message"];
      events.push({ id, name, data: JSON.parse(data) });
    }
  };
  incoming.setEncoding("utf8");
  const onData = (chunk: string): void => {
    text += chunk;
    const blocks = `${rest}${chunk}`.split("\n\n");
    rest = blocks.pop() ?? "";
    blocks.forEach(read);
  };
  if (reads) {
    incoming.on("data", onData);
  }
  const ended = new Promise<void>((resolve) => {
    incoming.once("close", resolve);
  });
  const of: EventFollower["of"] = (type) =>
    events.filter((event): event is ReceivedEvent<Extract<StreamEvent, { type: typeof type }>> => {
      return event.data.type === type;
    });
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    events,
    comments,
    ended,
    of,
    get retryInMs() {
      return retryInMs;
    },
    get text() {
      return text;
    },
    event: (type, fits = () => true) =>
      waitFor(() => of(type).find(({ data }) => fits(data)), {
        what: `the event ${type}`,
        timeoutInMs: TIMEOUT_IN_MS,
        pollInMs: 10,
      }),
    stall: () => incoming.pause(),
    resume: () => {
      incoming.resume();
    },
    [Symbol.asyncDispose]: async () => {
      incoming.destroy();
      await ended;
    },
  };
}
