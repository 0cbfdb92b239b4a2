import type { JsonProblem } from "./json-problem.ts";

/** The whole numbers that a member may have. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads an object of a JSON document member by member and gathers all that is wrong, so that
 * everything can be reported together. A member that is null counts as absent.
 */
export class JsonObjectReader {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #problems: JsonProblem[];
  readonly #asked = new Set<string>();

  constructor(value: unknown, path: string, problems: JsonProblem[]) {
    this.#path = path;
    this.#problems = problems;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject && value !== undefined) {
      problems.push({ member: path, message: "must be an object" });
    }
    this.#values = new Map(isObject ? Object.entries(value) : []);
  }

  /** The names of the members that are there. */
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The member as it stands; undefined when it is absent or null. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#values.get(name) ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") {
      return value;
    }
    this.refuse(name, "must be a text");
    return undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") {
      return value;
    }
    this.refuse(name, "must be true or false");
    return undefined;
  }

  wholeNumber(name: string, { min, max }: NumberRange): number | undefined {
    const value = this.value(name);
    if (value === undefined) {
      return undefined;
    }
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    this.refuse(name, `must be a whole number from ${min} to ${max}`);
    return undefined;
  }

  /** A member that is an object; one without members when it is absent. */
  object(name: string): JsonObjectReader {
    return new JsonObjectReader(this.value(name), this.pathOf(name), this.#problems);
  }

  /** A member that is a list of objects; an empty one when it is absent. */
  list(name: string): readonly JsonObjectReader[] {
    const value = this.value(name);
    if (value === undefined) {
      return [];
    }
    if (!Array.isArray(value)) {
      this.refuse(name, "must be a list");
      return [];
    }
    return value.map(
      (item: unknown, index) =>
        new JsonObjectReader(item ?? "null", `${this.pathOf(name)}[${index}]`, this.#problems),
    );
  }

  /** Notes that something is wrong with a member, or without a name with the object itself. */
  refuse(name: string | undefined, message: string): void {
    this.#problems.push({ member: name === undefined ? this.#path : this.pathOf(name), message });
  }

  /** Notes every member that nobody has asked for, and says which ones there could be. */
  refuseRest(): void {
    const known = [...this.#asked].join(", ");
    for (const [name, value] of this.#values) {
      if (value !== null && !this.#asked.has(name)) {
        this.refuse(name, known === "" ? "is not known here" : `is not one of ${known}`);
      }
    }
  }

  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}
