import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ReplicaMetrics } from "@fleetquake/telemetry";

export interface StartMetricsServerOptions {
  readonly metrics: ReplicaMetrics;
  readonly host: string;
  readonly port: number;
}

/** Requests that do not arrive within it are cut off, in milliseconds. */
const REQUEST_TIMEOUT_IN_MS = 5_000;

/**
 * Listens with `GET /metrics` for Prometheus and `GET /livez` for probes, which change nothing. The server alone does not keep the process alive.
 * @throws when the port cannot be listened on
 */
export async function startMetricsServer(
  options: StartMetricsServerOptions,
): Promise<AsyncDisposable> {
  const { metrics, host, port } = options;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_IN_MS, headersTimeout: REQUEST_TIMEOUT_IN_MS },
    (request, response) => void answer(request, response, metrics),
  );
  server.listen(port, host);
  await once(server, "listening");
  server.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: ReplicaMetrics,
): Promise<void> {
  const [path = ""] = (request.url ?? "").split("?", 1);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (path !== "/metrics" && path !== "/livez") {
    end(response, { status: 404, body: "A worker answers GET /metrics and GET /livez\n" });
  } else if (!isRead) {
    response.setHeader("allow", "GET, HEAD");
    end(response, { status: 405, body: `${path} is only read: use GET\n` });
  } else if (path === "/livez") {
    end(response, { status: 200, body: "alive\n" });
  } else {
    try {
      response.setHeader("content-type", metrics.contentType);
      end(response, { status: 200, body: await metrics.render() });
    } catch (error) {
      end(response, { status: 500, body: `The metrics cannot be told: ${String(error)}\n` });
    }
  }
}

function end(
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: string },
): void {
  response.statusCode = status;
  if (!response.hasHeader("content-type")) {
    response.setHeader("content-type", "text/plain; charset=utf-8");
  }
  response.end(body);
}
