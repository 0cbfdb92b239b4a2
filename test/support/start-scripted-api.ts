import { once } from "node:events";
import { createServer } from "node:http";

/** One request that came. */
export interface ReceivedRequest {
  readonly line: string;
  readonly key: string | undefined;
  readonly body: string;
}

/** A server that answers as it is told, where Azure's network would have to be real for the API to answer so. */
export interface ScriptedApi extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
}

/** Starts it on a free port; `answers` is by method and path, 404 where there is none. */
export async function startScriptedApi(
  answers: Readonly<Record<string, number>>,
): Promise<ScriptedApi> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const line = `${request.method} ${request.url}`;
      requests.push({ line, key: request.headers["x-api-key"]?.toString(), body });
      response.writeHead(answers[line] ?? 404, { "content-type": "application/json" });
      const health = answers[line] === 200 ? "healthy" : "unhealthy";
      response.end(line === "GET /health" ? `{"status":"${health}"}` : '{"connections_closed":9}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server has no port");
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
