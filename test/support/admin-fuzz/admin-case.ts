import type { FuzzCase } from "../fuzz/fuzz-case.ts";
import { fuzzTarget, wellFormed } from "../fuzz/fuzz-target.ts";
import { mutateJson } from "../fuzz/mutate-json.ts";
import { nastyText } from "../fuzz/nasty-values.ts";
import { Random } from "../fuzz/random.ts";
import { mutateXml } from "./mutate-xml.ts";
import { type RecordedRequest, writeRequest } from "./recorded-request.ts";

export interface AdminCaseOptions {
  readonly seed: number;
  /** What the SDK sends, to be mutated. */
  readonly requests: readonly RecordedRequest[];
  /** `name:key` with Manage, for the endpoints in JSON. */
  readonly credentials: string;
}

/** A case, and whether whoever sends it has shown a key: else nothing but /health may be answered. */
export interface AdminCase extends FuzzCase {
  readonly hasKey: boolean;
}

const ODD_METHODS = ["POST", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "MERGE", "M-SEARCH"];

/** Valid orders; short, because everybody waits for a frozen broker. */
const FAULTS = [
  ["freeze", { durationInMs: 5 }],
  ["drop-connections", { durationInMs: 5 }],
  ["drop-connections", {}],
  ["delay-deliveries", { delayInMs: 5, durationInMs: 5 }],
  ["duplicate-deliveries", { durationInMs: 5 }],
  ["reorder-deliveries", { windowInMs: 5, durationInMs: 5 }],
  ["throttle", { creditsPerSecond: 100, durationInMs: 5 }],
  ["detach-links", { entity: "fuzz-q", count: 1 }],
  ["expire-locks", {}],
  ["expire-locks", { entity: "fuzz-t/Subscriptions/s" }],
  ["lose-settlements", { loses: "answer", count: 1, durationInMs: 5 }],
  ["delete-entity", { entity: "fuzz-q" }],
] as const;

/** Makes the case of this number; the same options make the same case. */
export function adminCase(number: number, options: AdminCaseOptions): AdminCase {
  const random = new Random(options.seed, number);
  const request = random.chance(0.75)
    ? mutateAdmin(random.pick(options.requests), random)
    : ownEndpoint(options.credentials, random);
  const shown = random.chance(0.9) ? request : withoutKey(request, random);
  const hasKey = shown === request;
  return random.weighted<() => AdminCase>([
    [80, () => ({ ...whole(number, [shown]), hasKey })],
    [6, () => ({ ...whole(number, [shown, shown, shown]), hasKey })],
    [6, () => ({ ...unsure(number, badlyFramed(shown, random), null), hasKey })],
    [
      4,
      () => ({ ...unsure(number, part(writeRequest(shown), random), random.pick([0, 5])), hasKey }),
    ],
    [4, () => ({ ...unsure(number, mangled(writeRequest(shown), random), null), hasKey })],
  ])();
}

function mutateAdmin(request: RecordedRequest, random: Random): RecordedRequest {
  return random.weighted<() => RecordedRequest>([
    [3, () => request],
    [request.body === "" ? 0 : 8, () => ({ ...request, body: mutateXml(request.body, random) })],
    [3, () => ({ ...request, target: mutateTarget(request.target, random) })],
    [1, () => ({ ...request, method: random.pick(["GET", "PUT", "DELETE", ...ODD_METHODS]) })],
    [1, () => ({ ...request, headers: [...request.headers, oddHeader(random)] })],
    [1, () => ({ ...request, body: mutateXml("<entry><content/></entry>", random) })],
  ])();
}

function mutateTarget(target: string, random: Random): string {
  const [path = "/", query = ""] = target.split("?");
  return random.weighted<() => string>([
    [3, () => fuzzTarget(path, [], random).replaceAll(/[^!-~]/gu, "%ff")],
    [2, () => `/${encodeURIComponent(wellFormed(nastyText(random)))}?${query}`],
    [
      1,
      () =>
        `${path}/Subscriptions/s/Rules/${random.pick(["$Default", "%24", "..", "a%2Fb"])}?${query}`,
    ],
    [
      1,
      () => `/fuzz-t/Subscriptions/${random.pick(["", "/", "s/Rules", "x".repeat(60)])}?${query}`,
    ],
    [
      2,
      () => {
        const value = random.pick(["-1", "1e9", "NaN", "", "99999999999999999999", "0", "2.5"]);
        return `/$Resources/queues?${query}&${random.pick(["$skip", "$top"])}=${value}`;
      },
    ],
    [1, () => path],
  ])();
}

function oddHeader(random: Random): readonly [string, string] {
  return random.pick([
    ["If-Match", "*"],
    ["If-Match", '"1"'],
    ["Connection", "close"],
    ["Connection", "upgrade"],
    ["Accept", "*/*;q=0"],
    ["Host", "[::1]:x"],
    ["Host", ""],
    ["X-Long", "x".repeat(10_000)],
    ["Authorization", "Basic ===="],
  ] as const);
}

function ownEndpoint(credentials: string, random: Random): RecordedRequest {
  const [name, body] = random.pick(FAULTS);
  const fault = random.chance(0.9) ? name : encodeURIComponent(wellFormed(nastyText(random)));
  const headers = [
    ["Host", "localhost"],
    ["Authorization", `Basic ${Buffer.from(credentials).toString("base64")}`],
  ] as const;
  const read = random.pick(["/health", "/entities", "/faults"]);
  return random.weighted<() => RecordedRequest>([
    [3, () => ({ method: "GET", target: read, headers, body: "" })],
    [1, () => ({ method: random.pick(ODD_METHODS), target: read, headers, body: "" })],
    [
      1,
      () => ({
        method: "GET",
        target: fuzzTarget(read, [], random).replaceAll(/[^!-~]/gu, "%ff"),
        headers,
        body: "",
      }),
    ],
    [2, () => ({ method: "PUT", target: `/faults/${fault}`, headers, body: JSON.stringify(body) })],
    [
      4,
      () => ({
        method: "PUT",
        target: `/faults/${fault}`,
        headers,
        body: mutateJson(body, random),
      }),
    ],
    [2, () => ({ method: "DELETE", target: `/faults/${fault}`, headers, body: "" })],
  ])();
}

/** The same request with no key, one that is none, or a signature that is wrong. */
function withoutKey(request: RecordedRequest, random: Random): RecordedRequest {
  const change = random.pick<(value: string) => string | null>([
    () => null,
    () => "",
    () => "Bearer x",
    () => `Basic ${Buffer.from("RootManageSharedAccessKey:wrong").toString("base64")}`,
    () => "SharedAccessSignature sr=&sig=&se=&skn=",
    (value) => value.replace(/sig=.{8}/u, "sig=AAAAAAAA").replace(/^Basic .*$/u, "Basic Og=="),
  ]);
  const headers = request.headers.flatMap(([name, value]): (readonly [string, string])[] => {
    const changed = name.toLowerCase() === "authorization" ? change(value) : value;
    return changed === null ? [] : [[name, changed]];
  });
  return { ...request, headers };
}

function badlyFramed(request: RecordedRequest, random: Random): Buffer {
  const framing = random.pick([
    [["Content-Length", "-1"]],
    [["Content-Length", "5"]],
    [["Content-Length", "99999999999"]],
    [["Content-Length", "0"]],
    [
      ["Content-Length", "1"],
      ["Content-Length", "2"],
    ],
    [["Transfer-Encoding", "chunked"]],
    [
      ["Transfer-Encoding", "chunked"],
      ["Content-Length", "3"],
    ],
    [["Transfer-Encoding", "gzip"]],
    [
      ["Expect", "100-continue"],
      ["Content-Length", "4"],
    ],
    [
      ["Expect", "the unexpected"],
      ["Content-Length", "4"],
    ],
    [
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket"],
      ["Content-Length", "0"],
    ],
  ] as const);
  return writeRequest({ ...request, headers: [...request.headers, ...framing] });
}

function part(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.between(1, bytes.length));
}

function mangled(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let count = random.between(1, 6); count > 0; count -= 1) {
    changed.writeUInt8(random.between(0, 255), random.between(0, bytes.length - 1));
  }
  return changed;
}

function whole(number: number, requests: readonly RecordedRequest[]): FuzzCase {
  return {
    number,
    bytes: Buffer.concat(requests.map(writeRequest)),
    cuts: [],
    methods: requests.map(({ method }) => method),
    mustBeAnswered: true,
    requestId: null,
    leavesAfterInMs: null,
  };
}

function unsure(number: number, bytes: Buffer, leavesAfterInMs: number | null): FuzzCase {
  return {
    number,
    bytes,
    cuts: [],
    methods: [],
    mustBeAnswered: false,
    requestId: null,
    leavesAfterInMs,
  };
}
