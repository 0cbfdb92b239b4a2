import * as contract from "@fleetquake/contract";
import type { Problem } from "@fleetquake/contract";
import { requestJson } from "../request-json.ts";
import { isFuzzSchema, type FuzzSchema } from "./value-of-schema.ts";

/** A path of the API, its methods, and what its bodies have to be. */
export interface FuzzRoute {
  /** As the API writes it: `/chaos/replicas/{id}`. */
  readonly path: string;
  readonly methods: readonly string[];
  /** null where the contract has no request of that name. */
  readonly schema: FuzzSchema | null;
}

/**
 * Asks the API itself what there is: its 404 names the paths, OPTIONS the methods. The contract's request schemas are
 * found by name, `RedisResetRequestSchema` for `/chaos/redis-reset`. So a new route is fuzzed as soon as there is one.
 * @param headers a credential, where the API asks for one
 * @throws Error when the API names no path.
 */
export async function readSurface(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly FuzzRoute[]> {
  const { body } = await requestJson<Problem>(`${url}/there-is-no-such-path`, { headers });
  const list = /there are (?<paths>\/.*)\.$/u.exec(body.detail)?.groups?.["paths"];
  if (list === undefined) {
    throw new Error(`this names no path: ${body.detail}`);
  }
  return Promise.all(
    list.split(", ").map(async (path) => {
      const answer = await requestJson<null>(url + path.replaceAll(/\{\w+\}/gu, "x"), {
        method: "OPTIONS",
        headers,
      });
      const methods = String(answer.headers.allow).split(", ");
      return { path, methods, schema: schemaOf(path) };
    }),
  );
}

/** Every schema of a request. */
export const REQUEST_SCHEMAS: ReadonlyMap<string, FuzzSchema> = new Map(
  Object.entries(contract).flatMap(([name, schema]) => {
    const stem = /^(?<stem>\w+)RequestSchema$/u.exec(name)?.groups?.["stem"];
    if (stem === undefined) {
      return [];
    }
    if (!isFuzzSchema(schema)) {
      throw new Error(`${name} is no schema that can be fuzzed`);
    }
    return [[kebab(stem), schema] as const];
  }),
);

function schemaOf(path: string): FuzzSchema | null {
  return REQUEST_SCHEMAS.get(path.split("/").at(-1) ?? "") ?? null;
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/gu, (letter) => `-${letter}`).toLowerCase();
}
