import { SqlSyntaxError } from "./sql-error.ts";
import type { SqlValue } from "./sql-value.ts";

/** The smallest parts of an expression. */
export type SqlToken =
  /** A word without quotes: a keyword, a function or a property. */
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  /** A name in brackets or double quotes: always a property. */
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "constant"; readonly value: SqlValue; readonly at: number }
  | { readonly kind: "parameter"; readonly text: string; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

/** The longest filter or action that Service Bus takes, in characters. */
const maxLength = 1024;

const pattern =
  /(?<space>\s+)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|\[(?<bracketed>(?:[^\]]|\]\])+)\]|"(?<quoted>(?:[^"]|"")+)"|'(?<text>(?:[^']|'')*)'|(?<real>(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?)|(?<whole>\d+)|@(?<parameter>[\p{L}\p{N}_]+)|(?<symbol><>|!=|<=|>=|[=<>+\-*/%(),.;])/uy;

/** Cuts an expression into its tokens, the end included. @throws SqlSyntaxError */
export function readTokens(expression: string): readonly SqlToken[] {
  if (expression.length > maxLength) {
    throw new SqlSyntaxError(`The expression is longer than ${maxLength} characters.`);
  }
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < expression.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(expression);
    if (match?.groups === undefined) {
      throw new SqlSyntaxError(`Unexpected '${expression[at]}' at position ${at + 1}.`);
    }
    const token = tokenOf(match.groups, at);
    if (token !== undefined) {
      tokens.push(token);
    }
    at = pattern.lastIndex;
  }
  tokens.push({ kind: "end", at });
  return tokens;
}

function tokenOf(
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): SqlToken | undefined {
  const { word, bracketed, quoted, parameter, symbol } = groups;
  if (word !== undefined) {
    return { kind: "word", text: word, at };
  }
  if (bracketed !== undefined) {
    return { kind: "name", text: bracketed.replaceAll("]]", "]"), at };
  }
  if (quoted !== undefined) {
    return { kind: "name", text: quoted.replaceAll('""', '"'), at };
  }
  if (parameter !== undefined) {
    return { kind: "parameter", text: parameter, at };
  }
  if (symbol !== undefined) {
    return { kind: "symbol", text: symbol === "!=" ? "<>" : symbol, at };
  }
  return groups["space"] === undefined ? constantOf(groups, at) : undefined;
}

function constantOf(
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): SqlToken | undefined {
  const { text, real, whole } = groups;
  if (text !== undefined) {
    return { kind: "constant", value: text.replaceAll("''", "'"), at };
  }
  if (real !== undefined) {
    return { kind: "constant", value: Number(real), at };
  }
  const value = BigInt(whole ?? 0);
  if (BigInt.asIntN(64, value) !== value) {
    throw new SqlSyntaxError(`The number ${whole} is beyond 64 bits.`);
  }
  return { kind: "constant", value, at };
}
