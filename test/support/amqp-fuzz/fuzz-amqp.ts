import { inspect } from "node:util";
import { inLanes } from "../fuzz/in-lanes.ts";
import { Random } from "../fuzz/random.ts";
import { type MutatedConversation, mutateConversation } from "./mutate-conversation.ts";
import { conditionsIn, type PlayedConversation, playConversation } from "./play-conversation.ts";
import type { WireUnit } from "./wire-unit.ts";

export interface AmqpFuzzOptions {
  readonly seed: number;
  readonly cases: number;
  readonly port: number;
  readonly conversations: readonly (readonly WireUnit[])[];
  /** Changes the bytes of each case once more. */
  readonly disguise?: (bytes: Buffer) => Buffer;
  /** After each batch; a text is something wrong. */
  readonly check: () => Promise<readonly string[]>;
}

export interface AmqpFuzzReport {
  /** What was wrong, with the case and what came. */
  readonly violations: readonly string[];
  /** How often the broker has named each condition. */
  readonly conditions: ReadonlyMap<string, number>;
  readonly bytesSent: number;
}

const CASES_PER_BATCH = 250;
const ENOUGH_VIOLATIONS = 20;
const SHOWN_BYTES = 4_000;

/** Sends mutated conversations, several at a time, and judges what comes back. */
export async function fuzzAmqp(options: AmqpFuzzOptions): Promise<AmqpFuzzReport> {
  const violations: string[] = [];
  const conditions = new Map<string, number>();
  let bytesSent = 0;
  const run = async (number: number): Promise<void> => {
    const mutated = caseOf(number, options);
    bytesSent += mutated.bytes.length;
    const played = await playConversation(options.port, mutated);
    for (const condition of conditionsIn(played.received)) {
      conditions.set(condition, (conditions.get(condition) ?? 0) + 1);
    }
    const wrong = judge(played);
    violations.push(...wrong.map((what) => describe(what, { number, mutated, played })));
  };
  for (let first = 0; first < options.cases; first += CASES_PER_BATCH) {
    const end = Math.min(first + CASES_PER_BATCH, options.cases);
    await Promise.all(inLanes(first, end, run));
    const wrong = await options.check().catch((error: unknown) => [inspect(error)]);
    violations.push(...wrong.map((what) => `after case ${end - 1}: ${what}`));
    if (violations.length >= ENOUGH_VIOLATIONS) {
      break;
    }
  }
  return { violations, conditions, bytesSent };
}

function caseOf(number: number, options: AmqpFuzzOptions): MutatedConversation {
  const { conversations, disguise = (bytes) => bytes } = options;
  const random = new Random(options.seed, number);
  const mutated = mutateConversation(random.pick(conversations), conversations, random);
  return { ...mutated, bytes: disguise(mutated.bytes) };
}

function judge({ end, received }: PlayedConversation): readonly string[] {
  return [
    ...(end === "deadline" ? ["the broker did not let the connection go"] : []),
    // What the broker says when it meets a mistake of its own.
    ...(conditionsIn(received).includes("amqp:internal-error") ? ["an internal error"] : []),
  ];
}

function describe(
  what: string,
  {
    number,
    mutated,
    played,
  }: {
    readonly number: number;
    readonly mutated: MutatedConversation;
    readonly played: PlayedConversation;
  },
): string {
  return [
    `case ${number}: ${what}`,
    `  sent ${mutated.bytes.length} bytes, cut at [${mutated.cuts.join()}], among them: ${shown(mutated.bytes)}`,
    `  received: ${shown(played.received)}`,
  ].join("\n");
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(-SHOWN_BYTES).toString("latin1"));
}
