import type { MemberError } from "@fleetquake/contract";
import { validationProblem } from "./validation-problem.ts";

/** How one query parameter is read. */
export interface QueryParameter<T> {
  readonly name: string;
  /** undefined when the text does not fit. */
  readonly read: (text: string) => T | undefined;
  /** What would be right, in words. */
  readonly expected: string;
}

/** Reads a query strictly: `finish` refuses what was wrong, repeated, or not asked for. */
export class QueryReader {
  readonly #given: ReadonlyMap<string, unknown>;
  readonly #known: string[] = [];
  readonly #errors: MemberError[] = [];

  constructor(query: unknown) {
    this.#given = new Map(Object.entries(query ?? {}));
  }

  /** The parameter's value; undefined when it is absent, and when it is wrong. */
  read<T>(parameter: QueryParameter<T>): T | undefined {
    this.#known.push(parameter.name);
    const text = this.#given.get(parameter.name);
    if (text === undefined) {
      return undefined;
    }
    const value = typeof text === "string" ? parameter.read(text) : undefined;
    if (value === undefined) {
      this.#errors.push({
        path: parameter.name,
        detail: `must be there once, as ${parameter.expected}`,
      });
    }
    return value;
  }

  /** @throws {ProblemError} 400 that names each wrong or unknown parameter. */
  finish(): void {
    const known = this.#known.length === 0 ? "there are none" : `known: ${this.#known.join(", ")}`;
    for (const name of this.#given.keys()) {
      if (!this.#known.includes(name)) {
        this.#errors.push({ path: name, detail: `is not a parameter here (${known})` });
      }
    }
    if (this.#errors.length > 0) {
      throw validationProblem("query", this.#errors);
    }
  }
}

/** Refuses every query parameter, since one that is ignored misleads: `?force=false` would drain nothing. */
export function refuseQuery(query: unknown): void {
  new QueryReader(query).finish();
}
