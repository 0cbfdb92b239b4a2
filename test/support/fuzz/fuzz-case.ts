import { fuzzBody, noBody } from "./fuzz-body.ts";
import { fuzzHeaders, type FuzzHeader } from "./fuzz-headers.ts";
import { fuzzTarget } from "./fuzz-target.ts";
import { Random } from "./random.ts";
import { REQUEST_SCHEMAS, type FuzzRoute } from "./read-surface.ts";
import { valueOfSchema } from "./value-of-schema.ts";

/** What one connection carries. */
export interface FuzzCase {
  readonly number: number;
  readonly bytes: Buffer;
  /** Where the bytes are cut into separate writes, in order. */
  readonly cuts: readonly number[];
  /** The methods of the requests in it; empty where that is not sure. */
  readonly methods: readonly string[];
  /** Whether each of them is whole, so that an answer to each must come. */
  readonly mustBeAnswered: boolean;
  /** What its answer has to repeat; null where that is not sure. */
  readonly requestId: string | null;
  /** The client goes away so many milliseconds after the last byte, whatever has come by then; null: it stays. */
  readonly leavesAfterInMs: number | null;
}

export interface FuzzCaseOptions {
  readonly seed: number;
  readonly routes: readonly FuzzRoute[];
  /** What `{id}` in a path may be, beside nonsense. */
  readonly ids: readonly string[];
  /** What a request may show to get in. */
  readonly credentials: readonly (FuzzHeader | null)[];
}

interface OneRequest {
  readonly method: string;
  readonly bytes: Buffer;
  readonly isWhole: boolean;
  readonly requestId: string | null;
}

const ODD_METHODS = [
  "PUT",
  "PATCH",
  "TRACE",
  "PROPFIND",
  "QUERY",
  "M-SEARCH",
  "get",
  "EXPLODE",
  "CONNECT",
  "OPTIONS",
  "G\u00e9T",
  "X".repeat(300),
];
const ODD_VERSIONS = ["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTX/1.1", "http/1.1", ""];
/** How many go to paths that take commands, whatever else there is. */
const COMMAND_SHARE = 0.5;
/** A halted fleet refuses everything: halts are asked for less often than the rest. */
const HALT_SHARE = 0.15;

/** Makes the case of this number; the same options make the same case. */
export function fuzzCase(number: number, options: FuzzCaseOptions): FuzzCase {
  const random = new Random(options.seed, number);
  return random.weighted<() => FuzzCase>([
    [35, () => whole(number, [rightRequest(options, random)], random)],
    [47, () => whole(number, [oneRequest(options, random)], random)],
    [
      5,
      () => {
        const count = random.between(2, 6);
        return whole(
          number,
          Array.from({ length: count }, () => oneRequest(options, random)),
          random,
        );
      },
    ],
    [6, () => goesAway(number, oneRequest(options, random), random)],
    [7, () => garbage(number, oneRequest(options, random), random)],
  ])();
}

function oneRequest(options: FuzzCaseOptions, random: Random): OneRequest {
  const route = pickRoute(options.routes, random);
  const method = random.chance(0.93) ? pickMethod(route, random) : random.pick(ODD_METHODS);
  const schema = route.schema ?? random.pick([...REQUEST_SCHEMAS.values()]);
  const wantsBody = method === "POST" ? random.chance(0.93) : random.chance(0.15);
  const body = wantsBody ? fuzzBody(schema, random) : noBody(random);
  const credential = random.pick(options.credentials);
  const headers = fuzzHeaders(random, credential);
  const version = random.chance(0.98) ? "HTTP/1.1" : random.pick(ODD_VERSIONS);
  const target = fuzzTarget(route.path, options.ids, random);
  const lines = [...headers.list, ...body.headers].map(([name, value]) => `${name}: ${value}`);
  const head = `${[`${method} ${target} ${version}`, ...lines].join("\r\n")}\r\n\r\n`;
  return {
    method,
    bytes: Buffer.concat([Buffer.from(head, "latin1"), body.bytes]),
    isWhole: body.isWhole && headers.isFramed && version === "HTTP/1.1",
    requestId: null,
  };
}

/** A request as somebody sends it who has read the documentation. */
function rightRequest(options: FuzzCaseOptions, random: Random): OneRequest {
  const route = pickRoute(options.routes, random);
  const method = pickMethod(route, random);
  const credential = random.pick(options.credentials);
  const requestId = `case.${random.between(0, 1e9)}`;
  const body =
    method === "POST"
      ? Buffer.from(JSON.stringify(valueOfSchema(route.schema ?? {}, random)))
      : Buffer.alloc(0);
  const lines = [
    `${method} ${route.path.replaceAll(/\{\w+\}/gu, random.pick(options.ids))} HTTP/1.1`,
    "Host: localhost",
    `X-Request-ID: ${requestId}`,
    ...(credential === null ? [] : [credential.join(": ")]),
    ...(random.chance(0.1) ? ["Prefer: respond-async"] : []),
    ...(random.chance(0.1) ? [`Idempotency-Key: ${random.between(1, 20)}`] : []),
    ...(body.length > 0
      ? ["Content-Type: application/json", `Content-Length: ${body.length}`]
      : []),
  ];
  const head = `${lines.join("\r\n")}\r\n\r\n`;
  return { method, bytes: Buffer.concat([Buffer.from(head), body]), isWhole: true, requestId };
}

/** Most of what matters comes by POST. */
function pickMethod({ methods }: FuzzRoute, random: Random): string {
  return methods.includes("POST") && random.chance(0.7) ? "POST" : random.pick(methods);
}

function pickRoute(routes: readonly FuzzRoute[], random: Random): FuzzRoute {
  const commands = routes.filter(({ methods }) => methods.includes("POST"));
  const route = random.pick(random.chance(COMMAND_SHARE) ? commands : routes);
  const isKept = !route.path.endsWith("/halt") || random.chance(HALT_SHARE);
  return isKept ? route : random.pick(routes);
}

function whole(number: number, requests: readonly OneRequest[], random: Random): FuzzCase {
  const bytes = Buffer.concat(requests.map((request) => request.bytes));
  const areWhole = requests.every(({ isWhole }) => isWhole);
  return {
    number,
    bytes,
    cuts: random.chance(0.2) ? cutsOf(bytes, random) : [],
    methods: areWhole ? requests.map(({ method }) => method) : [],
    mustBeAnswered: areWhole,
    requestId: requests.length === 1 ? (requests[0]?.requestId ?? null) : null,
    leavesAfterInMs: null,
  };
}

function goesAway(number: number, { bytes }: OneRequest, random: Random): FuzzCase {
  const sent = random.chance(0.6) ? bytes : bytes.subarray(0, random.between(0, bytes.length));
  return {
    number,
    bytes: sent,
    cuts: [],
    methods: [],
    mustBeAnswered: false,
    requestId: null,
    leavesAfterInMs: random.pick([0, 1, 5, 50]),
  };
}

/** Bytes that were a request once. */
function garbage(number: number, { bytes }: OneRequest, random: Random): FuzzCase {
  const mangled = random.weighted<() => Buffer>([
    [2, () => bytes.subarray(0, random.between(0, bytes.length))],
    [2, () => bytes.subarray(random.between(0, bytes.length))],
    [3, () => withFlippedBytes(bytes, random)],
    [1, () => Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1")],
    [1, () => Buffer.concat([Buffer.from("\r\n\r\n"), bytes])],
    [
      1,
      () =>
        Buffer.from(Array.from({ length: random.between(1, 3_000) }, () => random.between(0, 255))),
    ],
    [1, () => Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    [1, () => Buffer.from("160301020001000001fc0303", "hex")],
  ])();
  return {
    number,
    bytes: mangled,
    cuts: [],
    methods: [],
    mustBeAnswered: false,
    requestId: null,
    leavesAfterInMs: null,
  };
}

function withFlippedBytes(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  for (let count = random.between(1, 4); count > 0; count -= 1) {
    // Mostly in the head: there a byte decides most.
    flipped[random.between(0, Math.min(bytes.length, 200) - 1)] = random.between(0, 255);
  }
  return flipped;
}

function cutsOf(bytes: Buffer, random: Random): readonly number[] {
  const cuts = Array.from({ length: random.between(1, 4) }, () => random.between(0, bytes.length));
  return cuts.toSorted((one, other) => one - other);
}
