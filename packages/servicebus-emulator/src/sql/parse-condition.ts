import { parseOperand, parseProperty, type SqlParameters } from "./parse-expression.ts";
import type {
  ComparisonOperator,
  ConditionNode,
  ExpressionNode,
  PropertyNode,
} from "./sql-node.ts";
import { SqlSyntaxError } from "./sql-error.ts";
import type { ArithmeticOperator } from "./sql-value.ts";
import { TokenReader } from "./token-reader.ts";

type AnyNode = ExpressionNode | ConditionNode;

const comparisons: readonly ComparisonOperator[] = ["=", "<>", "<", "<=", ">", ">="];
const sums: readonly ArithmeticOperator[] = ["+", "-"];
const products: readonly ArithmeticOperator[] = ["*", "/", "%"];

/** Reads a filter. @throws SqlSyntaxError when it is none. */
export function parseCondition(expression: string, parameters: SqlParameters): ConditionNode {
  const reader = new TokenReader(expression);
  const parser = new Parser(reader, parameters);
  const condition = parser.condition();
  reader.expectEnd();
  return condition;
}

/** Reads an expression that has a value, up to where it ends. @throws SqlSyntaxError */
export function parseValue(reader: TokenReader, parameters: SqlParameters): ExpressionNode {
  return new Parser(reader, parameters).value();
}

/**
 * Reads by descent, from OR over AND, NOT, comparisons and arithmetic to single values. Parentheses
 * hold a condition or a value, which only what is inside them tells; so both are read alike, and
 * each operator checks what it got.
 */
class Parser {
  readonly #reader: TokenReader;
  readonly #parameters: SqlParameters;

  constructor(reader: TokenReader, parameters: SqlParameters) {
    this.#reader = reader;
    this.#parameters = parameters;
  }

  condition(): ConditionNode {
    return asCondition(this.#or());
  }

  value(): ExpressionNode {
    return asValue(this.#sum());
  }

  #or(): AnyNode {
    let left = this.#and();
    while (this.#reader.takeKeyword("or")) {
      left = { kind: "or", left: asCondition(left), right: asCondition(this.#and()) };
    }
    return left;
  }

  #and(): AnyNode {
    let left = this.#not();
    while (this.#reader.takeKeyword("and")) {
      left = { kind: "and", left: asCondition(left), right: asCondition(this.#not()) };
    }
    return left;
  }

  #not(): AnyNode {
    return this.#reader.takeKeyword("not")
      ? { kind: "not", operand: asCondition(this.#not()) }
      : this.#comparison();
  }

  #comparison(): AnyNode {
    const left = this.#sum();
    const symbol = this.#reader.takeSymbol(comparisons);
    const operator = comparisons.find((candidate) => candidate === symbol);
    if (operator !== undefined) {
      return { kind: "comparison", operator, left: asValue(left), right: this.value() };
    }
    if (this.#reader.takeKeyword("is")) {
      return this.#isNull(asProperty(left));
    }
    const isNegated = this.#reader.takeKeyword("not");
    const test = this.#test(left, isNegated);
    return isNegated ? { kind: "not", operand: asCondition(test) } : test;
  }

  #isNull(property: PropertyNode): ConditionNode {
    const isNegated = this.#reader.takeKeyword("not");
    this.#reader.expectKeyword("null");
    const test: ConditionNode = { kind: "is-null", property };
    return isNegated ? { kind: "not", operand: test } : test;
  }

  /** What may follow a value, also after NOT; without either the value itself. */
  #test(left: AnyNode, isNegated: boolean): AnyNode {
    if (this.#reader.takeKeyword("in")) {
      return { kind: "in", operand: asValue(left), options: this.#options() };
    }
    if (this.#reader.takeKeyword("like")) {
      return this.#like(asValue(left));
    }
    if (isNegated) {
      throw this.#reader.unexpected("IN or LIKE");
    }
    return left;
  }

  #options(): readonly ExpressionNode[] {
    this.#reader.expectSymbol("(");
    const options = [this.value()];
    while (this.#reader.takeSymbol([","]) !== undefined) {
      options.push(this.value());
    }
    this.#reader.expectSymbol(")");
    return options;
  }

  #like(operand: ExpressionNode): ConditionNode {
    const pattern = this.value();
    if (!this.#reader.takeKeyword("escape")) {
      return { kind: "like", operand, pattern, escape: undefined };
    }
    const escape = this.value();
    const character = escape.kind === "constant" ? escape.value : undefined;
    if (typeof character !== "string" || Array.from(character).length !== 1) {
      throw new SqlSyntaxError("ESCAPE needs one character in single quotes.");
    }
    return { kind: "like", operand, pattern, escape: character };
  }

  #sum(): AnyNode {
    return this.#arithmetic(sums, () => this.#arithmetic(products, () => this.#signed()));
  }

  #arithmetic(operators: readonly ArithmeticOperator[], operand: () => AnyNode): AnyNode {
    let left = operand();
    for (;;) {
      const symbol = this.#reader.takeSymbol(operators);
      const operator = operators.find((candidate) => candidate === symbol);
      if (operator === undefined) {
        return left;
      }
      left = { kind: "arithmetic", operator, left: asValue(left), right: asValue(operand()) };
    }
  }

  #signed(): AnyNode {
    const sign = this.#reader.takeSymbol(sums);
    if (sign === undefined) {
      return this.#primary();
    }
    const operand = asValue(this.#signed());
    return sign === "-" ? { kind: "negation", operand } : operand;
  }

  #primary(): AnyNode {
    if (this.#reader.takeKeyword("exists")) {
      this.#reader.expectSymbol("(");
      const property = parseProperty(this.#reader);
      this.#reader.expectSymbol(")");
      return { kind: "exists", property };
    }
    if (this.#reader.takeSymbol(["("]) === undefined) {
      return parseOperand(this.#reader, this.#parameters);
    }
    const inner = this.#or();
    this.#reader.expectSymbol(")");
    return inner;
  }
}

const conditionKinds: ReadonlySet<AnyNode["kind"]> = new Set<ConditionNode["kind"]>([
  "and",
  "or",
  "not",
  "comparison",
  "is-null",
  "exists",
  "in",
  "like",
]);

function isCondition(node: AnyNode): node is ConditionNode {
  return conditionKinds.has(node.kind);
}

function asCondition(node: AnyNode): ConditionNode {
  if (isCondition(node)) {
    return node;
  }
  throw new SqlSyntaxError("A condition such as a = 1 is needed where a value stands.");
}

function asValue(node: AnyNode): ExpressionNode {
  if (isCondition(node)) {
    throw new SqlSyntaxError("A value is needed where a condition stands.");
  }
  return node;
}

function asProperty(node: AnyNode): PropertyNode {
  if (node.kind === "user" || node.kind === "system") {
    return node;
  }
  throw new SqlSyntaxError("IS [NOT] NULL asks about a property.");
}
