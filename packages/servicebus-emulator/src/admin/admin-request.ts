import { EntityError, entityNotFound, invalidEntity } from "../entities/entity-error.ts";
import type { EntityPath } from "../entities/entity-name.ts";

/** A request to the admin REST, as far as it matters here. */
export interface AdminRequest {
  readonly method: string;
  /** The URL as the client sees it, to build ids of resources from. */
  readonly url: URL;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

/** An answer; `body` is XML. */
export interface AdminResponse {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a URL of the admin REST names. */
export type AdminResource =
  | { readonly kind: "namespace" }
  | { readonly kind: "queues" }
  | { readonly kind: "topics" }
  | { readonly kind: "subscriptions"; readonly topic: string }
  | { readonly kind: "rules"; readonly subscription: EntityPath }
  | { readonly kind: "rule"; readonly subscription: EntityPath; readonly name: string }
  | { readonly kind: "entity"; readonly path: EntityPath };

/** Reads the path of a URL. @throws EntityError 404 when it names nothing. */
export function adminResource(url: URL): AdminResource {
  const parts = pathSegments(url);
  const [first, second] = parts.map((part) => part.toLowerCase());
  if (first === "$namespaceinfo") {
    return { kind: "namespace" };
  }
  if (first === "$resources" && (second === "queues" || second === "topics")) {
    return { kind: second };
  }
  const marker = parts.findIndex((part) => part.toLowerCase() === "subscriptions");
  if (marker < 1) {
    return { kind: "entity", path: { kind: "entity", name: named(parts.join("/")) } };
  }
  const topic = parts.slice(0, marker).join("/");
  return subscriptionResource(topic, parts.slice(marker + 1));
}

/** A page of a list: `$skip` and `$top`, by default the first hundred. @throws EntityError 400 */
export function pageOf(url: URL): { readonly skip: number; readonly top: number } {
  return { skip: countParameter(url, "$skip", 0), top: countParameter(url, "$top", 100) };
}

function subscriptionResource(topic: string, parts: readonly string[]): AdminResource {
  const [name, rules, rule] = parts;
  if (name === undefined) {
    return { kind: "subscriptions", topic };
  }
  const path: EntityPath = { kind: "subscription", topic, name };
  if (rules === undefined) {
    return { kind: "entity", path };
  }
  if (rules.toLowerCase() !== "rules" || parts.length > 3) {
    throw entityNotFound([topic, "Subscriptions", ...parts].join("/"));
  }
  return rule === undefined
    ? { kind: "rules", subscription: path }
    : { kind: "rule", subscription: path, name: rule };
}

function pathSegments(url: URL): readonly string[] {
  try {
    return url.pathname
      .split("/")
      .filter((part) => part !== "")
      .map((part) => decodeURIComponent(part));
  } catch (error) {
    throw new EntityError(400, "The path is not valid.", { subCode: 40_000, cause: error });
  }
}

function named(name: string): string {
  if (name === "") {
    throw new EntityError(404, "The namespace root is no entity.");
  }
  return name;
}

function countParameter(url: URL, name: string, fallback: number): number {
  const text = url.searchParams.get(name);
  const value = text === null ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 0) {
    throw invalidEntity(`${name} must be a whole number.`);
  }
  return Math.min(value, 1_000_000);
}
