import { Type, type Static } from "typebox";
import { IdentifierSchema } from "../scalars.ts";

const strict = { additionalProperties: false } as const;

/** At least one label: an empty object would match the whole fleet by accident. */
const TargetLabelsSchema = Type.Record(
  Type.String({ pattern: "^[\\s\\S]{1,63}$" }),
  Type.String({ maxLength: 256 }),
  { ...strict, minProperties: 1 },
);

/** Whom a request is for: at least one member; members combine by AND, percent and count exclude each other. */
export const TargetSchema = Type.Object(
  {
    replicas: Type.Optional(
      Type.Array(IdentifierSchema, { minItems: 1, maxItems: 256, uniqueItems: true }),
    ),
    role: Type.Optional(IdentifierSchema),
    labels: Type.Optional(TargetLabelsSchema),
    percent: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  {
    ...strict,
    minProperties: 1,
    $id: "Target",
    description: "Members combine by AND; percent and count exclude each other.",
  },
);

export type Target = Static<typeof TargetSchema>;
