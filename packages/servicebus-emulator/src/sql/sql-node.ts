import type { ArithmeticOperator, SqlValue } from "./sql-value.ts";
import type { SystemProperty } from "./system-property.ts";

/** A property of a message: one of its sender's own, or one of the system's. */
export type PropertyNode =
  | { readonly kind: "user"; readonly name: string }
  | { readonly kind: "system"; readonly name: SystemProperty };

/** What has a value. */
export type ExpressionNode =
  | { readonly kind: "constant"; readonly value: SqlValue }
  | PropertyNode
  /** A property of the sender whose name is worked out. */
  | { readonly kind: "lookup"; readonly name: ExpressionNode }
  | { readonly kind: "new-id" }
  | { readonly kind: "negation"; readonly operand: ExpressionNode }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    };

export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** What is true, false or unknown. */
export type ConditionNode =
  | {
      readonly kind: "and" | "or";
      readonly left: ConditionNode;
      readonly right: ConditionNode;
    }
  | { readonly kind: "not"; readonly operand: ConditionNode }
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: "is-null"; readonly property: PropertyNode }
  | { readonly kind: "exists"; readonly property: PropertyNode }
  | {
      readonly kind: "in";
      readonly operand: ExpressionNode;
      readonly options: readonly ExpressionNode[];
    }
  | {
      readonly kind: "like";
      readonly operand: ExpressionNode;
      readonly pattern: ExpressionNode;
      readonly escape: string | undefined;
    };

/** One change that an action makes to a message. */
export type ActionNode =
  | { readonly kind: "set"; readonly property: PropertyNode; readonly value: ExpressionNode }
  | { readonly kind: "remove"; readonly property: PropertyNode };
