import { Type, type Static } from "typebox";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { SpanInMsSchema, TimestampSchema } from "../scalars.ts";

/** `GET /health`: 200 when healthy, else 503; disabled Redis is healthy. Why is told to whoever may read. */
export const HealthAnswerSchema = Type.Object(
  {
    status: Type.Enum(["healthy", "unhealthy"]),
    redis: Type.Optional(
      Type.Object({
        connected: Type.Boolean(),
        latency_ms: orNull(SpanInMsSchema, "Of one PING; null when there was no reply."),
      }),
    ),
    timestamp: TimestampSchema,
  },
  { $id: "HealthAnswer" },
);

export type HealthAnswer = Frozen<Static<typeof HealthAnswerSchema>>;

/** `GET /livez`: the process is alive, whatever it can reach. */
export const LivenessAnswerSchema = Type.Object(
  { status: Type.Literal("alive"), timestamp: TimestampSchema },
  { $id: "LivenessAnswer" },
);

export type LivenessAnswer = Frozen<Static<typeof LivenessAnswerSchema>>;

/** `GET /readyz`: 200 when resets can be complete and the sample works, else 503. Why is told to whoever may read. */
export const ReadinessAnswerSchema = Type.Object(
  {
    status: Type.Enum(["ready", "not_ready"]),
    bus: Type.Optional(Type.Object({ connected: Type.Boolean() })),
    roster: Type.Optional(Type.Enum(["warming", "ready"])),
    redis: Type.Optional(
      orNull(Type.Object({ connected: Type.Boolean() }), "null: Redis is disabled."),
    ),
    timestamp: TimestampSchema,
  },
  { $id: "ReadinessAnswer" },
);

export type ReadinessAnswer = Frozen<Static<typeof ReadinessAnswerSchema>>;
