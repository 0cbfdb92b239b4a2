import type { FastifyInstance, FastifyReply } from "fastify";
import { ProblemError } from "../problems/problem-error.ts";
import { refuseQuery } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

/** How soon a client that finds no place may try again. */
const FULL_RETRY_IN_MS = 10_000;

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  // nginx would collect the events otherwise.
  "x-accel-buffering": "no",
  // Nothing follows on this connection; kept alive it would outlast the API's last second.
  connection: "close",
} as const;

/** `GET /chaos/events`: what happens in the fleet as Server-Sent Events, until the client or the API goes away. */
export function registerEvents(app: FastifyInstance, { events }: RouteOptions): void {
  // Before Fastify waits for open requests to end: these never do.
  app.addHook("preClose", (done) => {
    events.close();
    done();
  });
  app.get("/chaos/events", async (request, reply): Promise<FastifyReply> => {
    refuseQuery(request.query);
    if (request.method === "HEAD") {
      return reply.headers(HEADERS).send();
    }
    if (events.isClosed) {
      throw new ProblemError("SHUTTING_DOWN", "This API is ending; another has the same events.");
    }
    if (events.isFull) {
      throw new ProblemError(
        "EVENT_STREAMS_FULL",
        "As many clients as this API serves listen to its events already; another API replica has the same events.",
        { retryAfterInMs: FULL_RETRY_IN_MS },
      );
    }
    reply.headers(HEADERS).hijack();
    reply.raw.writeHead(200, headersOf(reply));
    events.open(reply.raw, firstOf(request.headers["last-event-id"]));
    return reply;
  });
}

/** Those that hooks have set: Fastify writes none for a reply that was taken from it. */
function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
}

function firstOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}
