import type { AmqpMap, AmqpValue } from "../amqp/amqp-value.ts";
import type { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent, MessageProperties } from "../messages/message-content.ts";
import { evaluateCondition } from "../sql/evaluate-condition.ts";
import type { ActionNode, ConditionNode } from "../sql/sql-node.ts";
import { MessageSubject } from "../sql/sql-subject.ts";

/** A value that a correlation filter may compare an application property with. */
export type FilterValue = string | number | boolean | Date;

/** Whether a filter can compare with it. */
export function isFilterValue(value: unknown): value is FilterValue {
  return (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    value instanceof Date
  );
}

/** A correlation filter: every property that it names must have exactly this value. */
export interface CorrelationFilter {
  readonly kind: "correlation";
  readonly properties: Partial<MessageProperties>;
  readonly applicationProperties: ReadonlyMap<string, FilterValue>;
}

/** A SQL filter, as it was written and as it was understood. */
export interface SqlFilter {
  readonly kind: "sql";
  readonly expression: string;
  readonly parameters: ReadonlyMap<string, FilterValue>;
  readonly condition: ConditionNode;
}

/** Which messages a rule lets into its subscription. */
export type RuleFilter =
  | { readonly kind: "true" }
  | { readonly kind: "false" }
  | CorrelationFilter
  | SqlFilter;

/** What a rule changes about the messages that it lets in. */
export interface RuleAction {
  readonly expression: string;
  readonly parameters: ReadonlyMap<string, FilterValue>;
  readonly statements: readonly ActionNode[];
}

/** A named filter of a subscription, perhaps with an action. */
export interface Rule {
  readonly name: string;
  readonly filter: RuleFilter;
  readonly action: RuleAction | undefined;
  readonly createdAt: number;
}

/** The rule that every subscription starts with. */
export const defaultRuleName = "$Default";

/**
 * True when a filter lets a message pass. Text is compared with regard to case.
 *
 * @throws SqlEvaluationError when a SQL filter cannot be worked out for this message.
 */
export function matchesFilter(filter: RuleFilter, message: EnqueuedMessage): boolean {
  switch (filter.kind) {
    case "true":
      return true;
    case "false":
      return false;
    case "correlation":
      return (
        matchesSystem(filter.properties, message.content.properties) &&
        matchesApplication(filter.applicationProperties, message.content)
      );
    case "sql":
      return evaluateCondition(filter.condition, new MessageSubject(message)) === true;
  }
}

function matchesSystem(wanted: Partial<MessageProperties>, actual: MessageProperties): boolean {
  return (
    isWanted(wanted.correlationId, actual.correlationId) &&
    isWanted(wanted.subject, actual.subject) &&
    isWanted(wanted.messageId, actual.messageId) &&
    isWanted(wanted.to, actual.to) &&
    isWanted(wanted.replyTo, actual.replyTo) &&
    isWanted(wanted.sessionId, actual.sessionId) &&
    isWanted(wanted.replyToSessionId, actual.replyToSessionId) &&
    isWanted(wanted.contentType, actual.contentType)
  );
}

function isWanted(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function matchesApplication(
  wanted: ReadonlyMap<string, FilterValue>,
  content: MessageContent,
): boolean {
  if (wanted.size === 0) {
    return true;
  }
  const actual: AmqpMap = content.applicationProperties;
  for (const [name, value] of wanted) {
    if (!isSameValue(value, actual.get(name))) {
      return false;
    }
  }
  return true;
}

function isSameValue(wanted: FilterValue, actual: AmqpValue | undefined): boolean {
  if (wanted instanceof Date) {
    return actual instanceof Date && actual.getTime() === wanted.getTime();
  }
  return wanted === actual;
}
