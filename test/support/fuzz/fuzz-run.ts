import { inspect } from "node:util";
import { exchange, type Exchange } from "./exchange.ts";
import { findViolations } from "./find-violations.ts";
import { fuzzCase, type FuzzCase, type FuzzCaseOptions } from "./fuzz-case.ts";
import { isLastAnswer, type WireAnswer } from "./read-answers.ts";
import { runBatch } from "./run-batch.ts";

export interface FuzzRunOptions extends FuzzCaseOptions {
  readonly port: number;
  readonly requests: number;
  /** Whatever no answer may tell. */
  readonly secrets: readonly string[];
  /** What else may be wrong with an answer. */
  readonly judge?: (answer: WireAnswer, fuzzed: FuzzCase) => readonly string[];
  /** Ends whatever the batch began; runs as soon as nothing but what hangs is left of it. */
  readonly cleanUp: () => Promise<void>;
  /** After each batch; a text is something wrong. */
  readonly check: () => Promise<readonly string[]>;
}

export interface FuzzReport {
  /** What was wrong, with the seed, the case and both sides' bytes. */
  readonly violations: readonly string[];
  /** How often each outcome came: a problem's code, a success's status word, or the bare status. */
  readonly outcomes: ReadonlyMap<string, number>;
}

const REQUESTS_PER_BATCH = 50;
const ENOUGH_VIOLATIONS = 20;
const SHOWN_BYTES = 1_500;

/** Sends the cases from 0 on, several at a time, and judges what comes back. */
export async function fuzz(options: FuzzRunOptions): Promise<FuzzReport> {
  const violations: string[] = [];
  const outcomes = new Map<string, number>();
  const run = async (number: number): Promise<void> => {
    const fuzzed = fuzzCase(number, options);
    const came = await exchange(options.port, fuzzed);
    came.answers.forEach((answer) => count(outcomes, outcomeOf(answer)));
    const wrong = judge(fuzzed, came, options);
    violations.push(...wrong.map((what) => describe(what, options.seed, { fuzzed, came })));
  };
  for (let first = 0; first < options.requests; first += REQUESTS_PER_BATCH) {
    const end = Math.min(first + REQUESTS_PER_BATCH, options.requests);
    const wrong = await failureOf(async () => {
      await runBatch(first, end, { run, cleanUp: options.cleanUp });
      return options.check();
    });
    violations.push(...wrong.map((what) => `after case ${end - 1}, seed ${options.seed}: ${what}`));
    if (violations.length >= ENOUGH_VIOLATIONS) {
      break;
    }
  }
  return { violations, outcomes };
}

/** An API that is gone fails whatever asks it: that is a finding like others. */
async function failureOf(work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    return [inspect(error)];
  }
}

function judge(fuzzed: FuzzCase, came: Exchange, options: FuzzRunOptions): readonly string[] {
  const wrong = came.answers.flatMap((answer) => [
    ...findViolations(answer, options.secrets),
    ...(options.judge?.(answer, fuzzed) ?? []),
  ]);
  if (came.fault !== null) {
    wrong.push(came.fault);
  } else if (came.rest.length > 0 && came.end !== "left") {
    wrong.push("bytes that are no whole answer");
  }
  const [only] = came.answers;
  if (fuzzed.requestId !== null && only?.headers.get("x-request-id")?.[0] !== fuzzed.requestId) {
    wrong.push(`not under its X-Request-ID ${fuzzed.requestId}`);
  }
  if (came.end === "deadline") {
    wrong.push("the connection neither was answered nor ended");
  }
  const last = came.answers.at(-1);
  const isCountRight = came.answers.length === fuzzed.methods.length;
  const isCutOff = came.end === "left" || (last !== undefined && isLastAnswer(last));
  if (fuzzed.mustBeAnswered && !isCountRight && !isCutOff) {
    wrong.push(`${fuzzed.methods.length} requests, ${came.answers.length} answers (${came.end})`);
  }
  return wrong;
}

function outcomeOf({ status, body }: WireAnswer): string {
  const word = status < 400 ? /(?<=^\{"status":")\w+/u : /(?<="code":")[A-Z_]+/u;
  return `${status} ${word.exec(body.toString())?.[0] ?? ""}`.trim();
}

function count(outcomes: Map<string, number>, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function describe(
  what: string,
  seed: number,
  { fuzzed, came }: { readonly fuzzed: FuzzCase; readonly came: Exchange },
): string {
  const leaves =
    fuzzed.leavesAfterInMs === null ? "" : `, leaves after ${fuzzed.leavesAfterInMs} ms`;
  return [
    `case ${fuzzed.number}, seed ${seed}: ${what}`,
    `  sent (${fuzzed.bytes.length} bytes, cut at [${fuzzed.cuts.join()}]${leaves}): ${shown(fuzzed.bytes)}`,
    `  received (${came.received.length} bytes): ${shown(came.received)}`,
  ].join("\n");
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, SHOWN_BYTES).toString("latin1"));
}
