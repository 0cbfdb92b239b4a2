import { Validator } from "@seriousme/openapi-schema-validator";
import { PROBLEM_CODES, PROBLEM_CODE_NAMES } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { resolveResponse } from "../docs/resolve.ts";
import { DocumentedAnswers } from "../testing/documented-answers.ts";
import { makeTestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";
import { buildDocument } from "./build-document.ts";
import type { MediaTypeObject, OperationObject } from "./open-api-document.ts";
import { OPERATIONS } from "./operations.ts";
import { problemsOf } from "./problems-of.ts";

const document = buildDocument();

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const own = "$ref" in value && typeof value.$ref === "string" ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap((member) => referencesIn(member))];
}

function find(reference: string): unknown {
  let found: unknown = document;
  for (const name of reference.replace("#/", "").split("/")) {
    const members = typeof found === "object" && found !== null ? found : {};
    found = new Map<string, unknown>(Object.entries(members)).get(name);
  }
  return found;
}

/** The bodies that an operation takes and gives. */
function contentsOf({ requestBody, responses }: OperationObject): readonly MediaTypeObject[] {
  const contents = [requestBody?.content ?? {}];
  for (const response of Object.values(responses)) {
    contents.push(resolveResponse(response, document.components).content ?? {});
  }
  return contents.flatMap((content) => Object.values(content));
}

describe("GET /openapi.json", () => {
  it("is the document, and takes no query", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject("/openapi.json");
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
    readProblem(await app.inject("/openapi.json?version=3.0"), "VALIDATION_FAILED");
  });

  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, "3.1"]);
  });

  it("has each path and method that the API answers to, and no other", async () => {
    const { app } = makeTestApp();
    const missing = await app.inject("/nothing-is-here");
    const { detail } = readProblem(missing, "NOT_FOUND");
    const paths = /there are (.*)\.$/.exec(detail)?.[1]?.split(", ") ?? [];
    const described: Record<string, string> = {};
    const real: Record<string, string> = {};
    for (const path of paths) {
      const { headers } = await app.inject({ method: "OPTIONS", url: path.replace("{id}", "x") });
      real[path] = String(headers["allow"]);
    }
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = new Set(Object.keys(methods).map((method) => method.toUpperCase()));
      const head = names.has("GET") ? ["GET", "HEAD"] : [];
      const others = ["POST", "DELETE"].filter((name) => names.has(name));
      described[path] = [...head, ...others, "OPTIONS"].join(", ");
    }
    expect(described).toEqual(real);
    expect(paths.length).toBeGreaterThan(14);
  });

  it("refers to nothing that it lacks, and has no component that nothing refers to", () => {
    const references = new Set(referencesIn(document));
    expect([...references].filter((reference) => find(reference) === undefined)).toEqual([]);
    const components = (["schemas", "parameters", "headers", "responses"] as const).flatMap(
      (kind) =>
        Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );
    expect(components.filter((reference) => !references.has(reference))).toEqual([]);
  });

  it("names every problem code, in the description and at an operation, but for those of no operation", () => {
    const used = new Set(OPERATIONS.flatMap((operation) => problemsOf(operation)));
    expect(PROBLEM_CODE_NAMES.filter((code) => !used.has(code))).toEqual([
      "NOT_FOUND",
      "METHOD_NOT_ALLOWED",
    ]);
    for (const [code, { status, when }] of Object.entries(PROBLEM_CODES)) {
      expect(document.info.description).toContain(`| ${code} | ${status} | ${when} |`);
    }
  });

  it("has examples that fit their schemas", () => {
    const documented = new DocumentedAnswers(document);
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    let examples = 0;
    for (const { schema, examples: given = {} } of operations.flatMap(contentsOf)) {
      for (const { value } of Object.values(given)) {
        documented.holdValue(schema, value);
        examples += 1;
      }
    }
    expect(examples).toBeGreaterThan(30);
  });

  it("shows bodies that the API takes", async () => {
    const { app } = makeTestApp();
    const asked = OPERATIONS.flatMap(({ method, path, body }) =>
      Object.values(body?.examples ?? {}).map(({ value }) => ({ method, path, value })),
    ).filter(({ value }) => JSON.stringify(value) !== '{"duration_seconds":10}');
    for (const { method, path, value } of asked) {
      const answer = await app.inject({
        method: method === "post" ? "POST" : "DELETE",
        url: path,
        payload: JSON.stringify(value),
        headers: { "content-type": "application/json" },
      });
      expect([path, value, answer.statusCode]).toEqual([path, value, 200]);
    }
    expect(asked.length).toBeGreaterThan(7);
  });
});
