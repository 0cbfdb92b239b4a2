import type { BrokerContext } from "../entities/broker-context.ts";
import { EntityError, entityNotFound, invalidEntity } from "../entities/entity-error.ts";
import { type EntityPath, formatPath } from "../entities/entity-name.ts";
import type { Entity, Namespace } from "../entities/namespace.ts";
import { defaultRuleName, type Rule } from "../entities/rule.ts";
import type { Subscription } from "../entities/subscription.ts";
import {
  type AdminRequest,
  type AdminResource,
  adminResource,
  type AdminResponse,
  pageOf,
} from "./admin-request.ts";
import { type AtomEntry, readEntry, writeEntry, writeFeed } from "./atom.ts";
import { checkDuplicateWindow } from "./check-duplicate-window.ts";
import { readQueueOptions, readSubscriptionOptions, readTopicOptions } from "./read-options.ts";
import { readRule } from "./read-rule.ts";
import { writeNamespace, writeQueue, writeSubscription, writeTopic } from "./write-description.ts";
import { writeRule } from "./write-rule.ts";
import type { XmlMarkup } from "./write-xml.ts";
import { childOf, type XmlElement } from "./xml-element.ts";

/** A resource to show. */
interface Shown {
  readonly path: string;
  readonly title: string;
  readonly createdAt: number;
  readonly content: XmlMarkup;
}

/**
 * Service Bus's management REST API: ATOM entries and feeds of queues, topics, subscriptions and
 * rules (learn.microsoft.com/rest/api/servicebus), as far as ServiceBusAdministrationClient uses it.
 */
export class AdminService {
  readonly #namespace: Namespace;
  readonly #createdAt: number;

  constructor(namespace: Namespace, context: BrokerContext) {
    this.#namespace = namespace;
    this.#createdAt = context.clock.now();
  }

  /** Answers a request that may make it. @throws EntityError when it is refused. */
  handle(request: AdminRequest): AdminResponse {
    const resource = adminResource(request.url);
    switch (request.method) {
      case "GET":
        return this.#get(request.url, resource);
      case "PUT":
        return this.#put(request, resource);
      case "DELETE":
        return this.#delete(resource);
      default:
        return { status: 405, body: "", headers: { allow: "GET, PUT, DELETE" } };
    }
  }

  #get(url: URL, resource: AdminResource): AdminResponse {
    switch (resource.kind) {
      case "namespace": {
        const title = url.hostname;
        const content = writeNamespace(title, this.#createdAt);
        return this.#entry(url, 200, {
          path: "$namespaceinfo",
          title,
          createdAt: this.#createdAt,
          content,
        });
      }
      case "queues":
        return this.#feed(url, this.#namespace.queues.map(showEntity));
      case "topics":
        return this.#feed(url, this.#namespace.topics.map(showEntity));
      case "subscriptions": {
        const topic = this.#namespace.topic(resource.topic);
        return this.#feed(url, [...topic.subscriptions.values()].map(showEntity));
      }
      case "rules": {
        const subscription = this.#subscription(resource.subscription);
        return this.#feed(
          url,
          subscription.rules.map((rule) => showRule(subscription, rule)),
        );
      }
      case "rule": {
        const subscription = this.#subscription(resource.subscription);
        return this.#entry(url, 200, showRule(subscription, subscription.rule(resource.name)));
      }
      case "entity":
        return this.#entry(url, 200, showEntity(this.#entity(resource.path)));
    }
  }

  #put(request: AdminRequest, resource: AdminResource): AdminResponse {
    const description = readEntry(request.body);
    const isUpdate = request.ifMatch !== undefined;
    const status = isUpdate ? 200 : 201;
    if (resource.kind === "rule") {
      const subscription = this.#subscription(resource.subscription);
      const { filter, action } = readRule(description);
      const rule = isUpdate
        ? subscription.updateRule(resource.name, filter, action)
        : subscription.addRule(resource.name, filter, action);
      return this.#entry(request.url, status, showRule(subscription, rule));
    }
    if (resource.kind !== "entity") {
      throw invalidEntity("Only queues, topics, subscriptions and rules can be created.");
    }
    const entity = isUpdate
      ? this.#update(this.#entity(resource.path), description)
      : this.#create(resource.path, description);
    return this.#entry(request.url, status, showEntity(entity));
  }

  #update(entity: Entity, description: XmlElement): Entity {
    switch (entity.kind) {
      case "queue":
        this.#namespace.updateQueue(
          entity,
          checkDuplicateWindow(readQueueOptions(description), entity.options),
        );
        break;
      case "topic":
        this.#namespace.updateTopic(
          entity,
          checkDuplicateWindow(readTopicOptions(description), entity.options),
        );
        break;
      case "subscription":
        this.#namespace.updateSubscription(entity, readSubscriptionOptions(description));
        break;
    }
    return entity;
  }

  #create(path: EntityPath, description: XmlElement): Entity {
    switch (description.name) {
      case "QueueDescription":
        return this.#namespace.createQueue(
          entityName(path),
          checkDuplicateWindow(readQueueOptions(description)),
        );
      case "TopicDescription":
        return this.#namespace.createTopic(
          entityName(path),
          checkDuplicateWindow(readTopicOptions(description)),
        );
      case "SubscriptionDescription":
        return this.#createSubscription(path, description);
      default:
        throw invalidEntity(`A ${description.name} cannot be created.`);
    }
  }

  #createSubscription(path: EntityPath, description: XmlElement): Subscription {
    if (path.kind !== "subscription") {
      throw invalidEntity("A subscription needs a path below its topic.");
    }
    const options = readSubscriptionOptions(description);
    const ruleDescription = childOf(description, "DefaultRuleDescription");
    const rule = ruleDescription === undefined ? undefined : readRule(ruleDescription);
    const subscription = this.#namespace.createSubscription(path.topic, path.name, options);
    const filter = rule?.filter ?? { kind: "true" };
    subscription.addRule(rule?.name ?? defaultRuleName, filter, rule?.action);
    return subscription;
  }

  #delete(resource: AdminResource): AdminResponse {
    if (resource.kind === "rule") {
      this.#subscription(resource.subscription).removeRule(resource.name);
    } else if (resource.kind === "entity") {
      this.#namespace.delete(resource.path);
    } else {
      throw invalidEntity("Only queues, topics, subscriptions and rules can be deleted.");
    }
    return { status: 200, body: "" };
  }

  #entity(path: EntityPath): Entity {
    const entity = this.#namespace.find(path);
    if (entity === undefined) {
      throw entityNotFound(formatPath(path));
    }
    return entity;
  }

  #subscription(path: EntityPath): Subscription {
    const entity = this.#entity(path);
    if (entity.kind !== "subscription") {
      throw entityNotFound(formatPath(path));
    }
    return entity;
  }

  #entry(url: URL, status: number, shown: Shown): AdminResponse {
    return {
      status,
      body: writeEntry(toEntry(url, shown)),
      headers: { etag: `"${shown.createdAt}"` },
    };
  }

  #feed(url: URL, shown: readonly Shown[]): AdminResponse {
    const { skip, top } = pageOf(url);
    const page = shown.slice(skip, skip + top);
    const next = new URL(url);
    next.searchParams.set("$skip", String(skip + top));
    next.searchParams.set("$top", String(top));
    const feed = {
      id: url.href,
      title: url.pathname.slice(1),
      entries: page.map((one) => toEntry(url, one)),
      next: skip + top < shown.length ? next.href : undefined,
    };
    return { status: 200, body: writeFeed(feed) };
  }
}

function entityName(path: EntityPath): string {
  if (path.kind !== "entity") {
    throw new EntityError(400, "Queues and topics do not live below a topic.", { subCode: 40_000 });
  }
  return path.name;
}

function toEntry(url: URL, { path, title, createdAt, content }: Shown): AtomEntry {
  const id = new URL(`/${path}${url.search}`, url).href;
  return { id, title, updatedAt: createdAt, content };
}

function showEntity(entity: Entity): Shown {
  const { name: title, createdAt } = entity;
  switch (entity.kind) {
    case "queue":
      return { path: entity.name, title, createdAt, content: writeQueue(entity) };
    case "topic":
      return { path: entity.name, title, createdAt, content: writeTopic(entity) };
    case "subscription":
      return { path: entity.mailbox.path, title, createdAt, content: writeSubscription(entity) };
  }
}

function showRule(subscription: Subscription, rule: Rule): Shown {
  return {
    path: `${subscription.mailbox.path}/Rules/${rule.name}`,
    title: rule.name,
    createdAt: rule.createdAt,
    content: writeRule(rule),
  };
}
