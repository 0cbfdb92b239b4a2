import type { ProblemCode } from "@fleetquake/contract";
import type { TSchema } from "typebox";
import type { COMMON_PARAMETERS } from "./common-parameters.ts";
import type { RESPONSE_HEADERS } from "./response-headers.ts";
import type { ParameterObject } from "./open-api-document.ts";
import type { TAGS } from "./tags.ts";

/** A value that shows what goes in or comes out. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** An answer that is no problem. */
export interface OperationAnswer {
  readonly description: string;
  /** undefined: no body. */
  readonly schema?: TSchema;
  /** @default "application/json" */
  readonly contentType?: string;
  /** Of a stream: the schema of one event's data. */
  readonly eventData?: TSchema;
  readonly headers?: readonly (keyof typeof RESPONSE_HEADERS)[];
  readonly examples?: Readonly<Record<string, Example>>;
}

/** One method of one path, as it is declared here; the document is built from it. */
export interface Operation {
  readonly method: "get" | "post" | "delete";
  /** As OpenAPI writes it: `/chaos/replicas/{id}`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: keyof typeof TAGS;
  readonly parameters?: readonly (ParameterObject | keyof typeof COMMON_PARAMETERS)[];
  readonly body?: {
    readonly schema: TSchema;
    readonly isRequired: boolean;
    readonly examples: Readonly<Record<string, Example>>;
  };
  readonly answers: Readonly<Record<string, OperationAnswer>>;
  /** The codes of its own, beside those that every operation has. */
  readonly problems?: readonly ProblemCode[];
}
