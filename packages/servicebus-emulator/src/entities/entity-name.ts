/** What a path leads to. */
export type EntityPath =
  | { readonly kind: "entity"; readonly name: string }
  | { readonly kind: "subscription"; readonly topic: string; readonly name: string };

const segment = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$|^[A-Za-z0-9]$/u;
const ruleName = /^[\w.$-]+$/u;

/** Queue and topic names: up to 260 characters; letters, digits, `. - _`, and `/` between parts. */
export function isEntityName(name: string): boolean {
  return (
    name.length <= 260 &&
    name.split("/").every((part) => segment.test(part)) &&
    !name.split("/").some((part) => /^subscriptions$/iu.test(part))
  );
}

/** Subscription names: up to 50 characters, no `/`. */
export function isSubscriptionName(name: string): boolean {
  return name.length <= 50 && segment.test(name);
}

/** Rule names: up to 50 characters; the default rule is called `$Default`. */
export function isRuleName(name: string): boolean {
  return name.length <= 50 && ruleName.test(name);
}

/** Names are told apart without regard to case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** An entity's messages themselves, or one of its queues of dead letters. */
export type SubQueue = "none" | "deadLetter" | "transferDeadLetter";

/** Where a link's address or a token's audience leads. */
export interface LinkAddress {
  /** `$cbs`, an entity's messages, or the node that answers requests about them. */
  readonly node: "cbs" | "messages" | "management";
  /** Undefined for `$cbs`. */
  readonly path: EntityPath | undefined;
  readonly subQueue: SubQueue;
}

/** How the sub-queues are written after the path of their entity. */
const subQueuePaths: Readonly<Record<SubQueue, string>> = {
  none: "",
  deadLetter: "/$DeadLetterQueue",
  transferDeadLetter: "/$Transfer/$DeadLetterQueue",
};

/**
 * Reads an address: `queue`, `topic/Subscriptions/name`, each with `/$DeadLetterQueue` or
 * `/$Transfer/$DeadLetterQueue`, `/$management` or both after it, or `$cbs`; with or without `sb://host/` before it. Undefined when
 * it is none of these.
 */
export function parseAddress(address: string): LinkAddress | undefined {
  const parts = address
    .replace(/^[a-z]+:\/\/[^/]*/iu, "")
    .split("/")
    .filter((part) => part !== "");
  if (parts.length === 1 && parts[0]?.toLowerCase() === "$cbs") {
    return { node: "cbs", path: undefined, subQueue: "none" };
  }
  const isManagement = parts.at(-1)?.toLowerCase() === "$management";
  const entityParts = isManagement ? parts.slice(0, -1) : parts;
  const { names, subQueue } = splitSubQueue(entityParts);
  if (names.length === 0 || names.some((name) => name.startsWith("$"))) {
    return undefined;
  }
  return {
    node: isManagement ? "management" : "messages",
    path: parseEntityPath(names),
    subQueue,
  };
}

/** An address in the form in which Service Bus writes it; empty for `$cbs`. */
export function formatAddress({ node, path, subQueue }: LinkAddress): string {
  const part = path === undefined ? "" : formatPath(path) + subQueuePaths[subQueue];
  return node === "management" ? `${part}/$management` : part;
}

function splitSubQueue(parts: readonly string[]): {
  readonly names: readonly string[];
  readonly subQueue: SubQueue;
} {
  const [transfer, deadLetter] = parts.slice(-2).map((part) => part.toLowerCase());
  if (parts.at(-1)?.toLowerCase() !== "$deadletterqueue") {
    return { names: parts, subQueue: "none" };
  }
  return transfer === "$transfer" && deadLetter === "$deadletterqueue"
    ? { names: parts.slice(0, -2), subQueue: "transferDeadLetter" }
    : { names: parts.slice(0, -1), subQueue: "deadLetter" };
}

function parseEntityPath(parts: readonly string[]): EntityPath {
  const marker = parts.findIndex((part) => /^subscriptions$/iu.test(part));
  if (marker > 0 && marker === parts.length - 2) {
    const topic = parts.slice(0, marker).join("/");
    return { kind: "subscription", topic, name: parts[marker + 1] ?? "" };
  }
  return { kind: "entity", name: parts.join("/") };
}

/** A path in the form in which Service Bus writes it. */
export function formatPath(path: EntityPath): string {
  return path.kind === "entity" ? path.name : `${path.topic}/Subscriptions/${path.name}`;
}
