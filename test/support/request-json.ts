import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

const DEFAULT_TIMEOUT_IN_MS = 15_000;

export interface RequestJsonOptions {
  /** @default "GET" */
  readonly method?: string;
  /** An object goes out as JSON with its content type; a string goes out as it is, with no content type of its own. */
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 15000 */
  readonly timeoutInMs?: number;
}

export interface JsonAnswer<T> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; null for an empty answer. */
  readonly body: T;
  readonly durationInMs: number;
}

/**
 * One HTTP request over a connection of its own, so that no pooled socket ties a test to an API that was killed.
 * The caller says of what type the body is.
 * @throws Error when there is no answer in time, or one that is no JSON.
 */
export async function requestJson<T>(
  url: string,
  options: RequestJsonOptions = {},
): Promise<JsonAnswer<T>> {
  const startInMs = performance.now();
  const signal = AbortSignal.timeout(options.timeoutInMs ?? DEFAULT_TIMEOUT_IN_MS);
  try {
    const answer = await send(url, options, signal);
    const text = await readText(answer);
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: JSON.parse(text || "null"),
      durationInMs: performance.now() - startInMs,
    };
  } catch (cause) {
    throw new Error(`no JSON from ${options.method ?? "GET"} ${url}`, { cause });
  }
}

function send(
  url: string,
  options: RequestJsonOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { body } = options;
  const isJson = typeof body === "object";
  const text = isJson ? JSON.stringify(body) : body;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: options.method ?? "GET",
      agent: false,
      signal,
      headers: {
        ...(isJson && { "content-type": "application/json" }),
        ...(text !== undefined && { "content-length": `${Buffer.byteLength(text)}` }),
        ...options.headers,
      },
    });
    outgoing.once("error", reject);
    outgoing.once("response", resolve);
    outgoing.end(text);
  });
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString();
}
