import { Type } from "typebox";
import type { Operation } from "../operation.ts";

const tag = "documentation";

/** This description itself. */
export const DOCUMENTATION_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/openapi.json",
    id: "readDescription",
    summary: "This description, OpenAPI 3.1",
    tag,
    answers: {
      "200": {
        description: "The description.",
        schema: Type.Object({
          openapi: Type.String(),
          info: Type.Object({}),
          paths: Type.Object({}),
          components: Type.Object({}),
        }),
      },
    },
    problems: ["VALIDATION_FAILED"],
  },
  {
    method: "get",
    path: "/metrics",
    id: "readMetrics",
    summary: "The fleet's metrics, for Prometheus",
    description:
      "From memory, in Prometheus's text format 0.0.4. Every API tells of the whole fleet: take the highest of them, not their sum.",
    tag,
    answers: {
      "200": { description: "The metrics.", contentType: "text/plain", schema: Type.String() },
    },
    problems: ["VALIDATION_FAILED"],
  },
  {
    method: "get",
    path: "/docs",
    id: "readDocs",
    summary: "This description as a page",
    description: "It needs neither the internet nor scripts.",
    tag,
    answers: {
      "200": { description: "The page.", contentType: "text/html", schema: Type.String() },
    },
    problems: ["VALIDATION_FAILED"],
  },
];
