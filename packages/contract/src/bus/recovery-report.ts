import { Type, type Static } from "typebox";
import { CountSchema, IdentifierSchema, SpanInMsSchema } from "../scalars.ts";

const NullableSpan = Type.Union([SpanInMsSchema, Type.Null()]);

/** How one replica came back after a reset; spans run from the close. */
export const RecoveryBodySchema = Type.Object(
  {
    command_id: IdentifierSchema,
    replica_id: IdentifierSchema,
    instance_id: IdentifierSchema,
    /** How many connections stood before the close. */
    connections_expected: CountSchema,
    /** How many stand again with a reply. */
    connections_back: CountSchema,
    /** First new connection that had a reply; null: none yet. */
    socket_recovered_ms: NullableSpan,
    /** As many connections with a reply as before; null: not yet. */
    all_back_ms: NullableSpan,
    /** First command of the application that succeeded; null: none yet. */
    command_recovered_ms: NullableSpan,
    /** First unit of work that the application reported done; null: none reported. */
    work_recovered_ms: NullableSpan,
    reconnect_attempts: CountSchema,
    /** Connections that failed or were cut while the replica was coming back. */
    errors_seen: CountSchema,
    /** false while the watch goes on, true once it is over (everything back, or its time is up). */
    finished: Type.Boolean(),
    observed_ms: SpanInMsSchema,
  },
  {
    $id: "Recovery",
    description: "How one replica came back after a reset; spans run from the close.",
  },
);

export type RecoveryBody = Static<typeof RecoveryBodySchema>;
