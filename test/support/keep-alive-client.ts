import { Agent, request } from "node:http";

/** What came of one request. */
export interface TimedAnswer {
  readonly status: number;
  readonly text: string;
  readonly durationInMs: number;
}

const TIMEOUT_IN_MS = 15_000;

/** Asks one server over connections that it keeps, so that a measurement is of the answers and not of the handshakes. */
export class KeepAliveClient implements Disposable {
  readonly #url: string;
  readonly #agent: Agent;

  /** @param connections how many requests may be under way at once */
  constructor(url: string, connections = 1) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error when there is no answer within 15 s. */
  get(path: string): Promise<TimedAnswer> {
    const startInMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#url}${path}`,
        { agent: this.#agent, signal: AbortSignal.timeout(TIMEOUT_IN_MS) },
        (incoming) => {
          let text = "";
          incoming.setEncoding("utf8");
          incoming.on("data", (chunk: string) => (text += chunk));
          incoming.once("error", reject);
          incoming.once("end", () => {
            const durationInMs = performance.now() - startInMs;
            resolve({ status: incoming.statusCode ?? 0, text, durationInMs });
          });
        },
      );
      outgoing.once("error", reject);
      outgoing.end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
