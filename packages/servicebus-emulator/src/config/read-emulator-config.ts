import { formatPath, isEntityName, isSubscriptionName } from "../entities/entity-name.ts";
import type {
  EntityConfiguration,
  QueueConfiguration,
  SubscriptionConfiguration,
  TopicConfiguration,
} from "../entities/entity-options.ts";
import { JsonObjectReader } from "../json/json-object-reader.ts";
import type { JsonProblem } from "../json/json-problem.ts";
import {
  readQueueProperties,
  readSubscriptionProperties,
  readTopicProperties,
} from "./read-entity-properties.ts";
import { readNames } from "./read-names.ts";
import { readRules } from "./read-rules.ts";
import { type ForwardingSource, refuseLostForwards } from "./refuse-lost-forwards.ts";

/** The entities of a configuration file, and everything that is wrong with it. */
export interface EmulatorConfig {
  /** Good for use when there are no problems. */
  readonly entities: EntityConfiguration;
  readonly problems: readonly JsonProblem[];
}

/**
 * Reads the `config.json` of Microsoft's Service Bus emulator
 * (github.com/Azure/azure-service-bus-emulator-installer, ServiceBus-Emulator/Schema): one namespace
 * with its queues, topics, subscriptions and rules. `UserConfig.Logging` is taken and has no effect.
 */
export function readEmulatorConfig(document: unknown): EmulatorConfig {
  const problems: JsonProblem[] = [];
  const root = new JsonObjectReader(document ?? "null", "", problems);
  root.text("$schema");
  const userConfig = root.object("UserConfig");
  userConfig.object("Logging");
  const namespaces = userConfig.list("Namespaces");
  const [namespace] = namespaces;
  if (namespaces.length !== 1 || namespace === undefined) {
    userConfig.refuse("Namespaces", "must be a list of one namespace");
  }
  root.refuseRest();
  userConfig.refuseRest();
  return { entities: namespace === undefined ? {} : readNamespace(namespace), problems };
}

/** What has been read so far. */
interface KnownEntities {
  /** The names of queues and topics, as `nameKey` has them. */
  readonly taken: Set<string>;
  readonly sources: ForwardingSource[];
}

function readNamespace(namespace: JsonObjectReader): EntityConfiguration {
  namespace.text("Name");
  const known: KnownEntities = { taken: new Set(), sources: [] };
  const queues = readQueues(namespace.list("Queues"), known);
  const topics = readTopics(namespace.list("Topics"), known);
  namespace.refuseRest();
  refuseLostForwards(known.sources, known.taken);
  return { queues, topics };
}

function readQueues(
  queues: readonly JsonObjectReader[],
  { taken, sources }: KnownEntities,
): readonly QueueConfiguration[] {
  const names = readNames(queues, { kind: "queue", isValid: isEntityName, taken });
  return queues.map((queue, index) => {
    const name = names[index] ?? "";
    const properties = queue.object("Properties");
    const options = readQueueProperties(properties);
    queue.refuseRest();
    sources.push({ path: name, options, properties });
    return { name, ...options };
  });
}

function readTopics(
  topics: readonly JsonObjectReader[],
  known: KnownEntities,
): readonly TopicConfiguration[] {
  const { taken } = known;
  const names = readNames(topics, { kind: "topic", isValid: isEntityName, taken });
  return topics.map((topic, index) => {
    const name = names[index] ?? "";
    const options = readTopicProperties(topic.object("Properties"));
    const subscriptions = readSubscriptions(topic.list("Subscriptions"), name, known);
    topic.refuseRest();
    return { name, ...options, subscriptions };
  });
}

function readSubscriptions(
  subscriptions: readonly JsonObjectReader[],
  topicName: string,
  { sources }: KnownEntities,
): readonly SubscriptionConfiguration[] {
  const names = readNames(subscriptions, { kind: "subscription", isValid: isSubscriptionName });
  return subscriptions.map((subscription, index) => {
    const name = names[index] ?? "";
    const properties = subscription.object("Properties");
    const options = readSubscriptionProperties(properties);
    const rules = readRules(subscription);
    subscription.refuseRest();
    const path = formatPath({ kind: "subscription", topic: topicName, name });
    sources.push({ path, options, properties });
    // A file without rules means the default one, which lets every message pass.
    const own = rules.length === 0 ? {} : { rules };
    return { name, ...options, ...own };
  });
}
