import { Type, type Static } from "typebox";
import { CountSchema } from "./scalars.ts";

/** A number of connections for each kind. */
export const ConnectionCountsSchema = Type.Object(
  {
    command: CountSchema,
    blocking: CountSchema,
    subscriber: CountSchema,
    unknown: CountSchema,
  },
  { $id: "ConnectionCounts", description: "A number of connections for each kind." },
);

export type ConnectionCounts = Static<typeof ConnectionCountsSchema>;
