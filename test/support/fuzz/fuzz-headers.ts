import type { Random } from "./random.ts";

/** Name and value as they stand on the wire, in Latin-1. */
export type FuzzHeader = readonly [name: string, value: string];

const FAKE_TOKEN = "eyJhbGciOiJub25lIn0.eyJyb2xlcyI6WyJDaGFvcy5PcGVyYXRlIl19.";

const ODD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  Prefer: [
    "respond-async",
    "respond-async, wait=10",
    "wait=1",
    "RESPOND-ASYNC",
    ";;",
    "handling=lenient",
  ],
  "Idempotency-Key": [
    "a",
    "b",
    "c",
    '"quoted"',
    "",
    "x y",
    "k".repeat(256),
    "k".repeat(257),
    "\u00e9",
  ],
  "X-Request-ID": [
    "r-1",
    "a.b_c-D",
    "x".repeat(128),
    "x".repeat(129),
    "",
    "a b",
    "\u00ff",
    "__proto__",
  ],
  "Last-Event-ID": ["0", "1", "-1", "NaN", "x".repeat(5_000), "\u00e9", ""],
  Origin: [
    "null",
    "http://localhost",
    "http://evil.example",
    "http://",
    "\u00e9",
    "",
    "chrome-extension://a",
  ],
  "Sec-Fetch-Site": ["cross-site", "same-origin", "none", "CROSS-SITE", ""],
  Forwarded: ["for=127.0.0.1", ""],
  "X-Forwarded-For": ["127.0.0.1", "::1"],
  "X-Forwarded-Host": ["localhost"],
  "X-Real-IP": ["127.0.0.1"],
  "X-HTTP-Method-Override": ["DELETE", "GET"],
  "X-Original-URL": ["/livez"],
  Authorization: [
    "Basic OjpA",
    "Bearer",
    "Bearer a",
    `Bearer ${FAKE_TOKEN}`,
    `bearer ${FAKE_TOKEN}x`,
    "Negotiate a",
    "",
  ],
  "X-API-Key": ["", "a", "k".repeat(64), "k".repeat(513), "\u00e9".repeat(64), "0".repeat(64)],
  Accept: ["*/*", "text/event-stream", "application/json;q=0", "text/html", "\u00e9", ""],
  "Accept-Encoding": ["gzip", "identity;q=0", "br, *;q=0"],
  "If-None-Match": ["*", '"a"'],
  "If-Match": ["*"],
  Range: ["bytes=0-1", "bytes=-1"],
  Cookie: ["a=b; __proto__=c"],
  Upgrade: ["websocket", "h2c", "TLS/1.0"],
  Connection: ["close", "keep-alive", "upgrade", "content-length", "\u00e9"],
  "Keep-Alive": ["timeout=1", "max=NaN"],
  TE: ["trailers"],
  Trailer: ["X-API-Key"],
  Via: ["1.1 proxy"],
  __proto__: ["x"],
  constructor: ["x"],
  "X-Long": ["x".repeat(1_000), "x".repeat(9_000)],
};

const HOSTS = [
  "127.0.0.1",
  "LOCALHOST:99999",
  "localhost.",
  "[::1]:8000",
  "evil.example",
  "localhost@evil.example",
  "127.0.0.1.evil.example",
  "127.999.999.999",
  "a_b:1:2",
  "",
  "\u00e9",
  "localhost, localhost",
] as const;

/** After these the API must answer nothing but a refusal, or nothing at all: where the message ends is not sure. */
const FRAMING_HEADERS: readonly FuzzHeader[] = [
  ["Transfer-Encoding", "chunked"],
  ["Transfer-Encoding", "gzip, chunked"],
  ["Transfer-Encoding", "xchunked"],
  ["Transfer-Encoding", "identity"],
  ["Transfer-Encoding", ""],
  ["Transfer-Encoding", "chunked, chunked"],
  ["Content-Length", "99"],
  ["Content-Length", "-1"],
  ["Content-Length", "+5"],
  ["Content-Length", "0x5"],
  ["Content-Length", "5, 5"],
  ["Content-Length", "1e3"],
  ["Content-Length", "99999999999999999999"],
  ["Content-Length", ""],
  ["Content-Length ", "5"],
  ["Bad Name", "x"],
  ["", "x"],
  ["X-Nul", "a\u0000b"],
  ["X-Bare-Return", "a\rb"],
  ["X-Folded", "a\r\n b"],
  ["X-Smuggled", "a\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost"],
];

export interface FuzzHeaders {
  readonly list: readonly FuzzHeader[];
  /** false where they leave open how long the message is. */
  readonly isFramed: boolean;
}

/** Host and some headers that have a meaning here, or had one elsewhere. */
export function fuzzHeaders(random: Random, credential: FuzzHeader | null): FuzzHeaders {
  const list: FuzzHeader[] = random.chance(0.96)
    ? [["Host", random.chance(0.94) ? "localhost" : random.pick(HOSTS)]]
    : random
        .pick([
          [],
          [
            ["Host", "localhost"],
            ["Host", random.pick(HOSTS)],
          ],
        ] as const)
        .map((one) => one);
  if (credential !== null) {
    list.push(credential);
  }
  const names = Object.keys(ODD_HEADERS);
  while (random.chance(0.35)) {
    const name = random.pick(names);
    list.push([name, random.pick(ODD_HEADERS[name] ?? [""])]);
  }
  if (random.chance(0.03)) {
    list.push(["Expect", random.pick(["100-continue", "miracles", "100-Continue, x", ""])]);
  }
  if (random.chance(0.01)) {
    list.push(
      ...Array.from(
        { length: random.between(50, 3_000) },
        (_, index): FuzzHeader => [`X-${index}`, "a"],
      ),
    );
  }
  const isFramed = random.chance(0.97);
  return { list: isFramed ? list : [...list, random.pick(FRAMING_HEADERS)], isFramed };
}
