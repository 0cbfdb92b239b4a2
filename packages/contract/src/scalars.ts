import { Type } from "typebox";

/** ISO 8601 in UTC with `Z` and milliseconds, for example `2026-01-31T08:15:00.000Z`. */
export const TimestampSchema = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$",
});

/** A name that travels in messages and paths: replica ids, instance ids, command ids. */
export const IdentifierSchema = Type.String({ minLength: 1, maxLength: 256 });

/** A number of things; never negative. */
export const CountSchema = Type.Integer({ minimum: 0 });

/** A span in milliseconds; fractions are allowed, negative spans are not. */
export const SpanInMsSchema = Type.Number({ minimum: 0 });

/** Labels of a replica, or the labels that a target asks for. */
export const LabelsSchema = Type.Record(
  Type.String({ minLength: 1, maxLength: 63 }),
  Type.String({ maxLength: 256 }),
);
