import type { ExpressionNode, PropertyNode } from "./sql-node.ts";
import { SqlSyntaxError } from "./sql-error.ts";
import type { SqlValue } from "./sql-value.ts";
import { systemProperty, systemPropertyNames } from "./system-property.ts";
import type { TokenReader } from "./token-reader.ts";

/** The values of the parameters that an expression may name with `@`. */
export type SqlParameters = ReadonlyMap<string, SqlValue>;

/** Reads a property, with or without its scope. @throws SqlSyntaxError */
export function parseProperty(reader: TokenReader): PropertyNode {
  const { current } = reader;
  const scope = current.kind === "word" ? current.text.toLowerCase() : "";
  if ((scope !== "sys" && scope !== "user") || !reader.isBefore(".")) {
    return { kind: "user", name: reader.expectName() };
  }
  reader.advance();
  reader.advance();
  if (scope === "user") {
    return { kind: "user", name: reader.expectName() };
  }
  const text = reader.expectName();
  const name = systemProperty(text);
  if (name === undefined) {
    throw new SqlSyntaxError(
      `There is no system property 'sys.${text}'; there are ${systemPropertyNames}.`,
    );
  }
  return { kind: "system", name };
}

/** Reads what stands for a value without operators and parentheses. @throws SqlSyntaxError */
export function parseOperand(reader: TokenReader, parameters: SqlParameters): ExpressionNode {
  const { current } = reader;
  if (current.kind === "constant") {
    reader.advance();
    return current;
  }
  if (current.kind === "parameter") {
    reader.advance();
    return { kind: "constant", value: parameterValue(current.text, parameters) };
  }
  if (reader.takeKeyword("true")) {
    return { kind: "constant", value: true };
  }
  if (reader.takeKeyword("false")) {
    return { kind: "constant", value: false };
  }
  if (reader.takeKeyword("null")) {
    return { kind: "constant", value: undefined };
  }
  return current.kind === "word" && reader.isBefore("(")
    ? parseFunction(reader, parameters)
    : parseProperty(reader);
}

function parseFunction(reader: TokenReader, parameters: SqlParameters): ExpressionNode {
  const name = reader.expectName();
  reader.expectSymbol("(");
  const node = functionNode(name, reader, parameters);
  reader.expectSymbol(")");
  return node;
}

function functionNode(
  name: string,
  reader: TokenReader,
  parameters: SqlParameters,
): ExpressionNode {
  switch (name.toLowerCase()) {
    case "newid":
      return { kind: "new-id" };
    case "p":
    case "property":
      return { kind: "lookup", name: parseOperand(reader, parameters) };
    default:
      throw new SqlSyntaxError(`There is no function '${name}'; there are newid and property.`);
  }
}

function parameterValue(name: string, parameters: SqlParameters): SqlValue {
  const key = parameters.has(`@${name}`) ? `@${name}` : name;
  if (!parameters.has(key)) {
    throw new SqlSyntaxError(`The parameter '@${name}' has no value.`);
  }
  return parameters.get(key);
}
