import { Type, type Static } from "typebox";
import type { Frozen } from "../frozen.ts";
import { orNull } from "../or-null.ts";
import { CountSchema, IdentifierSchema } from "../scalars.ts";

/**
 * What became of the jobs that an API has fed for loads with `jobs_per_second`.
 * `added = completed + failed + lost + unverified + outstanding`.
 */
export const JobsStatusSchema = Type.Object(
  {
    feeding: Type.Boolean(),
    jobs_per_second: CountSchema,
    command_id: orNull(IdentifierSchema, "The load that is fed for; null: none."),
    added: CountSchema,
    completed: CountSchema,
    failed: CountSchema,
    stalled: Type.Integer({
      minimum: 0,
      description: "How often a job was found orphaned and taken up again.",
    }),
    run_twice: Type.Integer({
      minimum: 0,
      description: "Completed jobs whose work was done more than once.",
    }),
    outstanding: CountSchema,
    lost: Type.Integer({
      minimum: 0,
      description: "Added, and the queue, when asked, knew nothing of them.",
    }),
    unverified: CountSchema,
    unconfirmed: CountSchema,
    given_up: CountSchema,
    withheld: Type.Integer({
      minimum: 0,
      description: "Called for by the rate and not added: Redis was away, or too many outstanding.",
    }),
  },
  { $id: "JobsStatus" },
);

export type JobsStatus = Frozen<Static<typeof JobsStatusSchema>>;
