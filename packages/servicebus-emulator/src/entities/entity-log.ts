import type { EntityContext } from "./broker-context.ts";
import type { EntityChange, IntakeChange } from "./change.ts";

/** Notes what happened to one entity or where its messages come in. */
export type EntityLog = (change: EntityChange | IntakeChange) => void;

/** The log of an entity; undefined when nothing is kept. */
export function entityLog({
  changes,
  origin,
}: Pick<EntityContext, "changes" | "origin">): EntityLog | undefined {
  if (changes === undefined) {
    return undefined;
  }
  return (change) => {
    changes.note({ ...change, entity: origin.id });
  };
}
