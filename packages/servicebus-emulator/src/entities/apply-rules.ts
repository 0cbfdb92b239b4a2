import { stringValue } from "../amqp/encode-value.ts";
import type { EnqueuedMessage } from "../messages/enqueued-message.ts";
import type { MessageContent } from "../messages/message-content.ts";
import type { RawPair } from "../messages/raw-pairs.ts";
import { applyAction } from "../sql/apply-action.ts";
import { SqlEvaluationError } from "../sql/sql-error.ts";
import { matchesFilter, type Rule } from "./rule.ts";

/** What the rules of a subscription make of a message. */
export interface RuleResult {
  /** One for all rules without action that match, and one for each with an action. */
  readonly copies: readonly MessageContent[];
  /** Why a filter or action could not be worked out, of the first for which that is so. */
  readonly failure: string | undefined;
}

/** The property that says which rule with an action a copy comes from. */
const ruleNameKey = "RuleName";

/** Applies the rules of a subscription to a message. */
export function applyRules(rules: Iterable<Rule>, message: EnqueuedMessage): RuleResult {
  const changed: MessageContent[] = [];
  let isWanted = false;
  let failure: string | undefined;
  for (const rule of rules) {
    // A second rule without action makes no difference.
    if (isWanted && rule.action === undefined) {
      continue;
    }
    try {
      if (!matchesFilter(rule.filter, message)) {
        continue;
      }
      if (rule.action === undefined) {
        isWanted = true;
      } else {
        const content = applyAction(rule.action.statements, message);
        changed.push(content.withApplicationProperties([ruleName(rule)]));
      }
    } catch (error) {
      if (!(error instanceof SqlEvaluationError)) {
        throw error;
      }
      failure ??= `Rule '${rule.name}': ${error.message}`;
    }
  }
  return { copies: isWanted ? [message.content, ...changed] : changed, failure };
}

function ruleName({ name }: Rule): RawPair {
  return { key: ruleNameKey, keyBytes: stringValue(ruleNameKey), valueBytes: stringValue(name) };
}
