import type { MemberError } from "@fleetquake/contract";
import { splitPointer } from "../json/json-pointer.ts";
import { closestName } from "./closest-name.ts";
import { describeActual, describeExpected } from "./describe-expected.ts";
import { nodeAt, type SchemaNode } from "./schema-node.ts";

/** What a compiled schema says of a value. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
}

/**
 * Turns a validator's errors into one entry for each wrong member: its JSON pointer, what is wrong with it, and what
 * would be right. A validator stops after some errors (TypeBox after 8), which bounds the answer.
 */
export function findMistakes(
  errors: readonly SchemaError[],
  schema: SchemaNode,
  value: unknown,
): readonly MemberError[] {
  const mistakes = new Map<string, MemberError>();
  for (const { keyword, instancePath } of errors) {
    // The parent's complaint about a member that it does not know; the member has one of its own.
    if (keyword === "additionalProperties") {
      continue;
    }
    if (!mistakes.has(instancePath)) {
      const detail = describeMistake(keyword, splitPointer(instancePath), { schema, value });
      mistakes.set(instancePath, { path: instancePath, detail });
    }
  }
  return [...mistakes.values()];
}

function describeMistake(
  keyword: string,
  tokens: readonly string[],
  { schema, value }: { readonly schema: SchemaNode; readonly value: unknown },
): string {
  const name = tokens.at(-1) ?? "";
  const parent = nodeAt(schema, tokens.slice(0, -1)) ?? {};
  const node = nodeAt(schema, tokens);
  if (keyword === "boolean" && parent.patternProperties === undefined) {
    const known = Object.keys(parent.properties ?? {});
    const closest = closestName(name, known);
    const hint = closest === null ? "" : `; did you mean ${JSON.stringify(closest)}?`;
    return `is not a member here, known are ${known.join(", ")}${hint}`;
  }
  if (keyword === "boolean" || node === undefined) {
    return "is not a label's name: that has 1 to 63 characters";
  }
  if (keyword === "uniqueItems") {
    return "names an entry twice; it must name each once";
  }
  return `must be ${describeExpected(node)}, not ${describeActual(valueAt(value, tokens))}`;
}

function valueAt(value: unknown, tokens: readonly string[]): unknown {
  let found = value;
  for (const token of tokens) {
    found =
      typeof found === "object" && found !== null
        ? (Object.getOwnPropertyDescriptor(found, token)?.value as unknown)
        : undefined;
  }
  return found;
}
