import { isRecord } from "../is-record.ts";
import { nastyText } from "./nasty-values.ts";
import type { Random } from "./random.ts";

/** The part of JSON Schema that the contract's requests use. */
export interface FuzzSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FuzzSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, FuzzSchema>>;
  readonly items?: FuzzSchema;
  readonly anyOf?: readonly FuzzSchema[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

/** An export of the contract is a schema when it says what it holds its values to. */
export function isFuzzSchema(value: unknown): value is FuzzSchema {
  return isRecord(value) && ("type" in value || "anyOf" in value);
}

/**
 * What valid members mostly are, by name: whatever the schema allows is tried too, but a fleet that hangs for an hour,
 * is full of memory, or is asked for replicas that there are not, shows nothing new.
 */
const USUAL: Readonly<Record<string, readonly unknown[]>> = {
  duration_seconds: [1, 1, 2],
  block_seconds: [1],
  deadline_ms: [300, 800, 1_500],
  drain_timeout_ms: [1, 50, 300],
  jobs_per_second: [0, 1, 20],
  level: ["low"],
  scope: ["jobs", "process", "process", "request"],
  replicas: [["worker-1"], ["api-1"], ["worker-1", "api-1"]],
  role: ["worker", "api"],
  labels: [{ zone: "a" }],
  percent: [1, 50, 100],
  count: [1, 2],
};

const USUAL_SHARE = 0.9;
const OPTIONAL_SHARE = 0.45;

/** A value that the schema accepts; members may still contradict each other. */
export function valueOfSchema(schema: FuzzSchema, random: Random): unknown {
  if (schema.const !== undefined) {
    return schema.const;
  }
  if (schema.anyOf !== undefined) {
    return valueOfSchema(random.pick(schema.anyOf), random);
  }
  switch (schema.type ?? "string") {
    case "object":
      return objectOfSchema(schema, random);
    case "array":
      return Array.from({ length: random.between(schema.minItems ?? 0, 3) }, () =>
        valueOfSchema(schema.items ?? {}, random),
      );
    case "boolean":
      return random.chance(0.5);
    case "integer":
    case "number":
      return numberOfSchema(schema, random);
    default:
      return nastyText(random).slice(0, schema.maxLength ?? 100) || "a";
  }
}

function numberOfSchema({ type, minimum = 0, maximum = 1e6 }: FuzzSchema, random: Random): number {
  const edge = random.pick([minimum, maximum, random.between(minimum, maximum)]);
  return type === "number" && edge < maximum && random.chance(0.5) ? edge + 0.5 : edge;
}

function objectOfSchema(schema: FuzzSchema, random: Random): Record<string, unknown> {
  const { properties = {}, patternProperties, required = [] } = schema;
  const names = Object.keys(properties);
  const chosen = names.filter((name) => required.includes(name) || random.chance(OPTIONAL_SHARE));
  // An object that needs a member gets one.
  const kept = chosen.length === 0 && names.length > 0 ? [random.pick(names)] : chosen;
  if (patternProperties !== undefined) {
    return { [random.pick(["zone", "ring", "\u00e9"])]: random.pick(["a", "canary"]) };
  }
  return Object.fromEntries(
    kept.map((name) => {
      const usual = USUAL[name];
      return usual !== undefined && random.chance(USUAL_SHARE)
        ? [name, random.pick(usual)]
        : [name, valueOfSchema(properties[name] ?? {}, random)];
    }),
  );
}
