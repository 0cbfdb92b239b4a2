import { connect } from "node:net";

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_IN_MS = 15_000;

/**
 * Writes bytes onto a socket and reads until the other side ends it, or until `isEnough` says so.
 * @throws when that takes too long.
 */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after ${JSON.stringify(text)}`));
    }, TIMEOUT_IN_MS);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (isEnough(text)) {
        finish();
      }
    });
    socket.on("error", finish);
    socket.on("close", finish);
    socket.write(bytes);
  });
}

/** Reads the first answer in a text; its body is as long as Content-Length says. */
export function parseRaw(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const split = line.indexOf(":");
      return [line.slice(0, split).toLowerCase(), line.slice(split + 1).trim()];
    }),
  );
  const length = Number(headers["content-length"] ?? 0);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: Buffer.from(text.slice(end + 4), "latin1")
      .subarray(0, length)
      .toString("utf8"),
  };
}
