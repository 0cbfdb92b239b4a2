import { AcceptedAnswerSchema } from "@fleetquake/contract";
import type { TSchema } from "typebox";
import { SAMPLE_TIME } from "../samples.ts";
import type { Example, OperationAnswer } from "../operation.ts";

/** The answers of a command that is waited for, and of one that is not. */
export function commandAnswers(options: {
  /** Of the outcome. */
  readonly schema: TSchema;
  /** What everybody has done, as a sentence. */
  readonly complete: string;
  /** The outcome in which everybody did it. */
  readonly example: object;
  /** What the answer to `Prefer: respond-async` is called. */
  readonly accepted: string;
}): Readonly<Record<"200" | "202" | "207", OperationAnswer>> {
  const { schema, complete, example, accepted } = options;
  return {
    "200": {
      description: complete,
      schema,
      examples: { complete: { summary: "Everybody did it", value: example } },
    },
    "202": {
      description: "With `Prefer: respond-async`: the command is on its way.",
      schema: AcceptedAnswerSchema,
      headers: ["Location", "Preference-Applied"],
      examples: { accepted: acceptedExample(accepted) },
    },
    "207": {
      description: "Some did it, and some did not, or not wholly: each is named.",
      schema,
    },
  };
}

function acceptedExample(status: string): Example {
  return {
    summary: "On its way",
    value: { status, command_id: "01KAQ5Z3V8E4H2N7R9T1W6Y0ZC", timestamp: SAMPLE_TIME },
  };
}
