import { inspect } from "node:util";
import { exchange, type Exchange } from "../fuzz/exchange.ts";
import { isLastAnswer, UNKNOWN_METHOD, type WireAnswer } from "../fuzz/read-answers.ts";
import { runBatch } from "../fuzz/run-batch.ts";
import { type AdminCase, adminCase, type AdminCaseOptions } from "./admin-case.ts";

export interface AdminFuzzOptions extends AdminCaseOptions {
  readonly port: number;
  readonly cases: number;
  /** Whatever no answer may tell. */
  readonly secrets: readonly string[];
  /** Ends the faults that the cases have begun; runs as soon as nothing but what hangs is left of a batch. */
  readonly cleanUp: () => Promise<void>;
  /** After each batch; a text is something wrong. */
  readonly check: () => Promise<readonly string[]>;
}

export interface AdminFuzzReport {
  /** What was wrong, with the case and both sides' bytes. */
  readonly violations: readonly string[];
  /** How often each status came. */
  readonly statuses: ReadonlyMap<number, number>;
}

const CASES_PER_BATCH = 100;
const ENOUGH_VIOLATIONS = 20;
const SHOWN_BYTES = 1_500;
/** A place in a program. */
const INTERNALS = /\n\s+at |node_modules|file:\/\/|\.[jt]s:\d+/u;
/** What no XML document may contain: whatever is no Char (XML 1.0, 2.2). */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** Sends mutated requests, several at a time, and judges what comes back. */
export async function fuzzAdmin(options: AdminFuzzOptions): Promise<AdminFuzzReport> {
  const violations: string[] = [];
  const statuses = new Map<number, number>();
  const run = async (number: number): Promise<void> => {
    const fuzzed = adminCase(number, options);
    const came = await exchange(options.port, fuzzed);
    for (const { status } of came.answers) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const wrong = judge(fuzzed, came, options.secrets);
    violations.push(...wrong.map((what) => describe(what, fuzzed, came)));
  };
  for (let first = 0; first < options.cases; first += CASES_PER_BATCH) {
    const end = Math.min(first + CASES_PER_BATCH, options.cases);
    const wrong = await runBatch(first, end, { run, cleanUp: options.cleanUp, mayAllHang: true })
      .then(() => options.check())
      .catch((error: unknown) => [inspect(error)]);
    violations.push(...wrong.map((what) => `after case ${end - 1}: ${what}`));
    if (violations.length >= ENOUGH_VIOLATIONS) {
      break;
    }
  }
  return { violations, statuses };
}

function judge(fuzzed: AdminCase, came: Exchange, secrets: readonly string[]): readonly string[] {
  const wrong = came.answers.flatMap((answer) => [
    ...judgeAnswer(answer, secrets),
    ...(fuzzed.hasKey ? [] : gotPast(answer)),
  ]);
  if (came.fault !== null) {
    wrong.push(came.fault);
  }
  if (came.end === "deadline") {
    wrong.push("the connection neither was answered nor ended");
  }
  const last = came.answers.at(-1);
  const isCutOff = last !== undefined && isLastAnswer(last);
  if (fuzzed.mustBeAnswered && came.answers.length !== fuzzed.methods.length && !isCutOff) {
    wrong.push(`${fuzzed.methods.length} requests, ${came.answers.length} answers (${came.end})`);
  }
  return wrong;
}

function judgeAnswer(answer: WireAnswer, secrets: readonly string[]): readonly string[] {
  const { status, headers, method } = answer;
  const body = answer.body.toString();
  const text = `${[...headers].join("\n")}\n${body}`;
  const type = headers.get("content-type")?.[0] ?? "";
  const hasBody = body !== "" && method !== "HEAD";
  return [
    // 503 is what a throttled broker answers, and 505 what it says to another HTTP.
    ...(status >= 500 && status !== 503 && status !== 505 ? [`the status is ${status}`] : []),
    ...(secrets.some((secret) => text.includes(secret)) ? ["it tells a secret"] : []),
    ...(INTERNALS.test(text) ? ["it tells of internals"] : []),
    ...(type.includes("json") && hasBody && !isJson(body) ? ["the JSON is none"] : []),
    ...(type.includes("xml") && NO_XML.test(body) ? ["the XML is none"] : []),
    ...(status === 405 && !headers.has("allow") ? ["no Allow"] : []),
    ...(status === 401 && type.includes("json") && !headers.has("www-authenticate")
      ? ["no WWW-Authenticate"]
      : []),
  ];
}

/** What was done or told without a key. */
function gotPast({ method, status, body }: WireAnswer): readonly string[] {
  const isHealth = body.toString().trim() === '{\n  "status": "ok"\n}' || method === "HEAD";
  return status >= 400 || isHealth || method === UNKNOWN_METHOD ? [] : [`a ${method} got past`];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describe(what: string, { number, bytes, methods }: AdminCase, came: Exchange): string {
  return [
    `case ${number}: ${what}`,
    `  sent (${bytes.length} bytes, ${methods.length} requests): ${shown(bytes)}`,
    `  received (${came.received.length} bytes): ${shown(came.received)}`,
  ].join("\n");
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, SHOWN_BYTES).toString("latin1"));
}
