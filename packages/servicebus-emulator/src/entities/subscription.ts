import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { applyRules } from "./apply-rules.ts";
import type { EntityContext } from "./broker-context.ts";
import type { KeptEntity } from "./change.ts";
import { entityExists, entityNotFound, invalidEntity } from "./entity-error.ts";
import { isRuleName, nameKey } from "./entity-name.ts";
import type { SubscriptionOptions } from "./entity-options.ts";
import { keptOptions, type SubscriptionSettings, subscriptionSettings } from "./entity-settings.ts";
import { type EntityLog, entityLog } from "./entity-log.ts";
import { statusAllows } from "./entity-status.ts";
import { EntityUse } from "./entity-use.ts";
import { type EnqueueOptions, Mailbox } from "./mailbox.ts";
import type { Rule, RuleAction, RuleFilter } from "./rule.ts";

/** Where a subscription belongs and what it is called. */
export interface SubscriptionName {
  readonly topic: string;
  readonly name: string;
}

/** How a message comes from a topic. */
export interface CopyOptions extends EnqueueOptions {
  /** Numbers for further copies. */
  nextSequenceNumber(): number;
}

/** A subscription of a topic. */
export class Subscription {
  readonly kind = "subscription";
  readonly name: string;
  readonly topicName: string;
  readonly mailbox: Mailbox;
  readonly use: EntityUse;
  readonly createdAt: number;
  readonly #rules = new Map<string, Rule>();
  readonly #context: EntityContext;
  readonly #log: EntityLog | undefined;
  #options: SubscriptionOptions;
  #settings: SubscriptionSettings;
  #updatedAt: number;

  /** Starts without rules, so without messages. @throws EntityError when an option is out of range. */
  constructor(name: SubscriptionName, options: SubscriptionOptions, context: EntityContext) {
    this.name = name.name;
    this.topicName = name.topic;
    this.#options = options;
    this.#settings = subscriptionSettings(options);
    this.mailbox = new Mailbox(`${name.topic}/Subscriptions/${name.name}`, this.#settings, context);
    this.use = new EntityUse(context.clock);
    this.createdAt = context.origin.createdAt;
    this.#updatedAt = context.origin.updatedAt;
    this.#context = context;
    this.#log = entityLog(context);
  }

  get options(): SubscriptionOptions {
    return this.#options;
  }

  get settings(): SubscriptionSettings {
    return this.#settings;
  }

  /** Milliseconds since 1970. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  get rules(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  /** The subscription as it is kept over a restart. */
  get kept(): KeptEntity {
    const { name, createdAt, updatedAt } = this;
    const { id } = this.#context.origin;
    return {
      type: "subscription",
      id,
      name,
      topic: this.topicName,
      createdAt,
      updatedAt,
      options: this.#options,
    };
  }

  /** Changes the options. @throws EntityError when one is out of range or cannot be changed. */
  update(options: SubscriptionOptions): void {
    const changed = keptOptions(this.#options, options);
    this.#settings = subscriptionSettings(changed);
    this.#options = changed;
    this.#updatedAt = this.#context.clock.now();
    this.mailbox.update(this.#settings);
  }

  /** Takes what its rules make of a message of the topic: no copy, one, or one for each action. */
  receive(message: EnqueuedMessage, options: CopyOptions): void {
    if (!statusAllows(this.#settings.status, "Send")) {
      return;
    }
    const { copies, failure } = applyRules(this.#rules.values(), message);
    copies.forEach((content, index) => {
      const numbered = index === 0 ? message : this.#further(message, options);
      const copy = content === numbered.content ? numbered : new EnqueuedMessage(content, numbered);
      this.mailbox.enqueue(copy, options);
    });
    if (failure !== undefined && this.#settings.deadLettersFilterFailures) {
      const letter = copies.length === 0 ? message : this.#further(message, options);
      const reason = { reason: "FilterEvaluationException", description: failure };
      this.mailbox.enqueueDeadLetter(letter, reason, options);
    }
  }

  /** @throws EntityError when the name is no rule name, or taken. */
  addRule(name: string, filter: RuleFilter, action?: RuleAction): Rule {
    if (!isRuleName(name)) {
      throw invalidEntity(`'${name}' is not a rule name.`);
    }
    if (this.#rules.has(nameKey(name))) {
      throw entityExists(this.#rulePath(name));
    }
    const rule: Rule = { name, filter, action, createdAt: this.#context.clock.now() };
    this.#setRule(rule);
    return rule;
  }

  /** Changes a rule. @throws EntityError when there is no such rule. */
  updateRule(name: string, filter: RuleFilter, action?: RuleAction): Rule {
    const rule: Rule = { ...this.rule(name), filter, action };
    this.#setRule(rule);
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
    this.#log?.({ kind: "rule-removed", name: exactName });
    this.use.touch();
  }

  /** Takes a rule back that was there before a restart. */
  restoreRule(rule: Rule): void {
    this.#rules.set(nameKey(rule.name), rule);
  }

  #setRule(rule: Rule): void {
    this.#rules.set(nameKey(rule.name), rule);
    this.#log?.({ kind: "rule-set", rule });
    this.use.touch();
  }

  /** The same message under a number of its own, so that both can be told apart. */
  #further(message: EnqueuedMessage, options: CopyOptions): EnqueuedMessage {
    const { content, enqueuedAt, hops, enqueuedSequenceNumber } = message;
    const sequenceNumber = options.nextSequenceNumber();
    return new EnqueuedMessage(content, {
      sequenceNumber,
      enqueuedAt,
      hops,
      enqueuedSequenceNumber,
    });
  }

  #rulePath(name: string): string {
    return `${this.mailbox.path}/Rules/${name}`;
  }
}
