import { Type, type TNull, type TSchema, type TUnion } from "typebox";

/** The schema of a value that may be null, which then means what the description says. */
export function orNull<T extends TSchema>(schema: T, description?: string): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
}
