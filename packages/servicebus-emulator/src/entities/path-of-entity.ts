import type { EntityPath } from "./entity-name.ts";
import type { Entity } from "./namespace.ts";

/** The path that leads to an entity. */
export function pathOfEntity(entity: Entity): EntityPath {
  return entity.kind === "subscription"
    ? { kind: "subscription", topic: entity.topicName, name: entity.name }
    : { kind: "entity", name: entity.name };
}
