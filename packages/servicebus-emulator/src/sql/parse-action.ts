import { parseValue } from "./parse-condition.ts";
import { parseProperty, type SqlParameters } from "./parse-expression.ts";
import type { ActionNode, PropertyNode } from "./sql-node.ts";
import { SqlSyntaxError } from "./sql-error.ts";
import { isSettable } from "./system-property.ts";
import { TokenReader } from "./token-reader.ts";

/** The most statements that Service Bus takes in one action. */
const maxStatements = 32;

/** Reads an action: SET and REMOVE statements, with or without `;` between them. @throws SqlSyntaxError */
export function parseAction(expression: string, parameters: SqlParameters): readonly ActionNode[] {
  const reader = new TokenReader(expression);
  const statements: ActionNode[] = [];
  do {
    statements.push(parseStatement(reader, parameters));
    while (reader.takeSymbol([";", ","]) !== undefined) {
      // What separates statements may also end them.
    }
  } while (reader.current.kind !== "end");
  if (statements.length > maxStatements) {
    throw new SqlSyntaxError(`An action may have ${maxStatements} statements at most.`);
  }
  return statements;
}

function parseStatement(reader: TokenReader, parameters: SqlParameters): ActionNode {
  if (reader.takeKeyword("remove")) {
    return { kind: "remove", property: settableProperty(reader) };
  }
  if (!reader.takeKeyword("set")) {
    throw reader.unexpected("SET or REMOVE");
  }
  const property = settableProperty(reader);
  reader.expectSymbol("=");
  return { kind: "set", property, value: parseValue(reader, parameters) };
}

function settableProperty(reader: TokenReader): PropertyNode {
  const property = parseProperty(reader);
  if (property.kind === "system" && !isSettable(property.name)) {
    throw new SqlSyntaxError(`The system property '${property.name}' cannot be changed.`);
  }
  return property;
}
