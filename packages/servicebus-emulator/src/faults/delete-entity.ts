import { pathOfEntity } from "../entities/path-of-entity.ts";
import type { Fault } from "./fault.ts";
import { requiredEntity } from "./read-options.ts";

/** An entity is deleted with its messages, whoever uses it; clients make it anew if they can. */
export const deleteEntity: Fault = {
  canLast: false,
  prepare: (options) => {
    const find = requiredEntity(options);
    return (target) => {
      target.namespace.delete(pathOfEntity(find(target)));
      return { kind: "done", affected: 1 };
    };
  },
};
