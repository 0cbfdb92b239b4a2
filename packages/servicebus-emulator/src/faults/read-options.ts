import { formatPath, parseAddress } from "../entities/entity-name.ts";
import type { Entity } from "../entities/namespace.ts";
import { entityNotFound } from "../entities/entity-error.ts";
import type { JsonObjectReader, NumberRange } from "../json/json-object-reader.ts";
import type { FaultTarget } from "./fault.ts";

/** Reads a number that must be there. */
export function requiredNumber(
  options: JsonObjectReader,
  name: string,
  range: NumberRange,
): number {
  const value = options.wholeNumber(name, range);
  if (options.value(name) === undefined) {
    options.refuse(name, `must be there: a whole number from ${range.min} to ${range.max}`);
  }
  return value ?? range.min;
}

/** Finds the entity that the options name when the fault starts. */
export type EntityFinder = (target: FaultTarget) => Entity;

/** Reads `entity`. The finder throws EntityError 404 when there is none of this name. */
export function optionalEntity(options: JsonObjectReader): EntityFinder | undefined {
  const text = options.text("entity");
  const path = text === undefined ? undefined : parseAddress(text)?.path;
  if (text !== undefined && path === undefined) {
    options.refuse("entity", "must name a queue, a topic or topic/Subscriptions/name");
  }
  if (path === undefined) {
    return undefined;
  }
  return ({ namespace }) => {
    const entity = namespace.find(path);
    if (entity === undefined) {
      throw entityNotFound(formatPath(path));
    }
    return entity;
  };
}

/** Reads an `entity` that must be there. */
export function requiredEntity(options: JsonObjectReader): EntityFinder {
  const finder = optionalEntity(options);
  if (options.value("entity") === undefined) {
    options.refuse("entity", "must be there: a queue, a topic or topic/Subscriptions/name");
  }
  return finder ?? neverFound;
}

/** Stands for an entity whose options are refused, so that the fault never starts. */
function neverFound(): Entity {
  throw entityNotFound("");
}
