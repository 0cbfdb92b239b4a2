import { connect } from "node:net";
import { parseRaw, type RawAnswer } from "./raw-http.ts";

export interface AskFromOptions {
  readonly port: number;
  /** A loopback address to call from, for example `127.0.3.7`: one caller of many. @default "127.0.0.1" */
  readonly from?: string;
  /** @default "GET" */
  readonly method?: string;
  /** @default "/chaos/status" */
  readonly path?: string;
  /** Lines as they go onto the wire, repeated ones too; `Host: localhost` is added where none is. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

const TIMEOUT_IN_MS = 15_000;

/**
 * One request over a connection of its own.
 * @throws Error when there is no whole answer in time.
 */
export function askFrom(options: AskFromOptions): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { port, from: localAddress = "127.0.0.1" } = options;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    let text = "";
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer after ${JSON.stringify(text)}`));
    }, TIMEOUT_IN_MS);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const answer = parseRaw(text);
      if (text.includes("\r\n\r\n") && answer.status >= 200 && isWhole(answer, options)) {
        resolve(answer);
        socket.destroy();
      }
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error(`closed after ${JSON.stringify(text)}`));
    });
    socket.write(bytesOf(options));
  });
}

function isWhole({ body, headers }: RawAnswer, { method }: AskFromOptions): boolean {
  const length = method === "HEAD" ? 0 : Number(headers["content-length"] ?? 0);
  return Buffer.byteLength(body) >= length;
}

function bytesOf(options: AskFromOptions): string {
  const { method = "GET", path = "/chaos/status", headers = [], body = "" } = options;
  const lines = headers.some((line) => /^host:/i.test(line))
    ? headers
    : ["Host: localhost", ...headers];
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `${[`${method} ${path} HTTP/1.1`, ...lines, ...length].join("\r\n")}\r\n\r\n${body}`;
}
