import type { TSchema } from "typebox";
import type { SchemaObject } from "./open-api-document.ts";

/** Turns schemas into what the document shows: each that has a name once, among the components, and a reference to it. */
export class SchemaCollection {
  readonly #components = new Map<string, SchemaObject>();

  /** By name, in alphabetical order. */
  get components(): Readonly<Record<string, SchemaObject>> {
    return Object.fromEntries([...this.#components].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A schema, or a reference to it where it has a name. */
  refer(schema: TSchema): SchemaObject {
    return this.#refer(schema);
  }

  #refer(schema: object): SchemaObject {
    const { $id, ...rest }: { readonly $id?: unknown } = schema;
    if (typeof $id !== "string") {
      return this.#copy(rest);
    }
    if (!this.#components.has($id)) {
      // Its place is taken first: a schema may contain itself.
      this.#components.set($id, {});
      this.#components.set($id, this.#copy(rest));
    }
    return { $ref: `#/components/schemas/${$id}` };
  }

  #copy(schema: object): SchemaObject {
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => [keyword, this.#copyValue(value)]),
    );
  }

  #copyValue(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((entry: unknown) => this.#copyValue(entry));
    }
    return typeof value === "object" && value !== null ? this.#refer(value) : value;
  }
}
