import type { MessageContent } from "../messages/message-content.ts";
import type { BrokerContext } from "./broker-context.ts";
import { entityExists, entityNotFound, invalidEntity } from "./entity-error.ts";
import { isRuleName, nameKey } from "./entity-name.ts";
import type { SubscriptionOptions } from "./entity-options.ts";
import { type ReceivingSettings, receivingSettings } from "./entity-settings.ts";
import { EntityUse } from "./entity-use.ts";
import { Mailbox } from "./mailbox.ts";
import { matchesFilter, type Rule, type RuleFilter } from "./rule.ts";

/** Where a subscription belongs and what it is called. */
export interface SubscriptionName {
  readonly topic: string;
  readonly name: string;
}

/** A subscription of a topic. */
export class Subscription {
  readonly kind = "subscription";
  readonly name: string;
  readonly topicName: string;
  readonly options: SubscriptionOptions;
  readonly settings: ReceivingSettings;
  readonly mailbox: Mailbox;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly #rules = new Map<string, Rule>();
  readonly #context: BrokerContext;

  /** Starts without rules, so without messages. @throws EntityError when an option is out of range. */
  constructor(name: SubscriptionName, options: SubscriptionOptions, context: BrokerContext) {
    this.name = name.name;
    this.topicName = name.topic;
    this.options = options;
    this.settings = receivingSettings(options);
    this.mailbox = new Mailbox(`${name.topic}/Subscriptions/${name.name}`, this.settings, context);
    this.use = new EntityUse(context.clock);
    this.createdAt = context.clock.now();
    this.#context = context;
  }

  get rules(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  /** True when at least one rule lets the message pass. */
  matches(content: MessageContent): boolean {
    for (const rule of this.#rules.values()) {
      if (matchesFilter(rule.filter, content)) {
        return true;
      }
    }
    return false;
  }

  /** @throws EntityError when the name is no rule name, or taken. */
  addRule(name: string, filter: RuleFilter): Rule {
    if (!isRuleName(name)) {
      throw invalidEntity(`'${name}' is not a rule name.`);
    }
    if (this.#rules.has(nameKey(name))) {
      throw entityExists(this.#rulePath(name));
    }
    const rule: Rule = { name, filter, createdAt: this.#context.clock.now() };
    this.#rules.set(nameKey(name), rule);
    this.use.touch();
    return rule;
  }

  /** @throws EntityError when there is no such rule. */
  rule(name: string): Rule {
    const rule = this.#rules.get(nameKey(name));
    if (rule === undefined) {
      throw entityNotFound(this.#rulePath(name));
    }
    return rule;
  }

  /** @throws EntityError when there is no such rule. */
  removeRule(name: string): void {
    const { name: exactName } = this.rule(name);
    this.#rules.delete(nameKey(exactName));
    this.use.touch();
  }

  #rulePath(name: string): string {
    return `${this.mailbox.path}/Rules/${name}`;
  }
}
