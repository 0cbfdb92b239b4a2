import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";

import type { AdminRequest, AdminResponse } from "../admin/admin-request.ts";
import { writeError } from "../admin/atom.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { JsonRequest } from "../json-api/json-api.ts";

/** What decides on admin requests and answers them. */
export interface AdminHandlers {
  /** Answers what is asked of this broker's own endpoints; undefined for any other request. */
  json(request: JsonRequest): AdminResponse | undefined;
  /** Why a request with this Authorization header may not touch a path; undefined if it may. */
  refuse(authorization: string | undefined, path: string): string | undefined;
  handle(request: AdminRequest): AdminResponse | Promise<AdminResponse>;
  /** Waits until all that happened so far is kept; false when it cannot be. */
  kept(): Promise<boolean>;
}

const maxBodySize = 65_536;
const idleTimeoutInMs = 30_000;
const notKept =
  "SubCode=50000. The broker could not write its journal, so nothing is sure to be kept.";

/** An HTTP server for the admin REST that listens nowhere: connections are handed to it. */
export function createAdminServer(handlers: AdminHandlers): Server {
  const server = createServer((request, response) => {
    void answer(request, response, handlers);
  });
  // The server's own timeouts only run while it listens, so the sockets' must do.
  server.timeout = idleTimeoutInMs;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: AdminHandlers,
): Promise<void> {
  let answered: AdminResponse;
  try {
    answered = await answerFor(request, handlers);
    if (!(await handlers.kept())) {
      answered = { status: 500, body: writeError(500, notKept) };
    }
  } catch (error) {
    answered = refusal(error);
  }
  response.writeHead(answered.status, {
    "content-type": "application/atom+xml;type=entry;charset=utf-8",
    ...answered.headers,
  });
  response.end(answered.body);
}

async function answerFor(
  request: IncomingMessage,
  handlers: AdminHandlers,
): Promise<AdminResponse> {
  const url = requestUrl(request);
  const body = await readBody(request);
  const ifMatch = request.headers["if-match"];
  const { authorization } = request.headers;
  const adminRequest: AdminRequest = { method: request.method ?? "GET", url, ifMatch, body };
  const json = handlers.json({ ...adminRequest, authorization });
  if (json !== undefined) {
    return json;
  }
  const refused = handlers.refuse(authorization, url.pathname);
  if (refused !== undefined) {
    return { status: 401, body: writeError(401, refused) };
  }
  return await handlers.handle(adminRequest);
}

function requestUrl(request: IncomingMessage): URL {
  try {
    const scheme = request.socket instanceof TLSSocket ? "https" : "http";
    return new URL(request.url ?? "/", `${scheme}://${request.headers.host ?? "localhost"}`);
  } catch (error) {
    throw new EntityError(400, "The URL is not valid.", { subCode: 40_000, cause: error });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (Buffer.isBuffer(chunk)) {
      size += chunk.length;
      chunks.push(chunk);
    }
    if (size > maxBodySize) {
      throw new EntityError(400, `The body is larger than ${maxBodySize} bytes.`, {
        subCode: 40_000,
      });
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refusal(error: unknown): AdminResponse {
  if (!(error instanceof EntityError)) {
    return { status: 500, body: writeError(500, "The broker failed to answer.") };
  }
  const code = error.subCode === 0 ? "" : `SubCode=${error.subCode}. `;
  return { status: error.status, body: writeError(error.status, `${code}${error.message}`) };
}
