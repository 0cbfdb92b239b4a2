import { nameKey } from "../entities/entity-name.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";

/** What names are read for. */
export interface ReadNamesOptions {
  /** What carries the names, for the messages: `queue`, `topic` ... */
  readonly kind: string;
  readonly isValid: (name: string) => boolean;
  /** Names that are taken already, in the form in which they are compared; those read are added. */
  readonly taken?: Set<string>;
}

/** Reads the `Name` of each item of a list; refuses those that are missing, no names, or taken. */
export function readNames(
  items: readonly JsonObjectReader[],
  { kind, isValid, taken = new Set() }: ReadNamesOptions,
): readonly string[] {
  return items.map((item) => {
    const name = item.text("Name");
    if (name === undefined) {
      item.refuse("Name", `must be there: the name of the ${kind}`);
      return "";
    }
    if (!isValid(name)) {
      item.refuse("Name", `'${name}' cannot be the name of a ${kind}`);
    }
    if (taken.has(nameKey(name))) {
      item.refuse("Name", `'${name}' is there twice; names are told apart without regard to case`);
    }
    taken.add(nameKey(name));
    return name;
  });
}
