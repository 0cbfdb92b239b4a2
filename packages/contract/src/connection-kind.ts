import { Type, type Static } from "typebox";
import { CountSchema } from "./scalars.ts";

/** What a connection is used for, as far as its traffic shows. */
export const CONNECTION_KINDS = ["command", "blocking", "subscriber", "unknown"] as const;

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

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
