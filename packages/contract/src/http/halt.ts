import { Type, type Static } from "typebox";

/** The body of `POST` and `DELETE /chaos/halt`; none is fine: who wants to stop shall not have to write. */
export const HaltRequestSchema = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
);

export type HaltRequest = Static<typeof HaltRequestSchema>;

/** The halt that stands, in refusals and in the status. */
export interface HaltNotice {
  readonly command_id: string;
  readonly halted_by: string;
  readonly halted_at: string;
  readonly reason: string;
}
