import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type {
  OpenApiDocument,
  ResponseObject,
  SchemaObject,
} from "../openapi/open-api-document.ts";
import { resolveResponse } from "../docs/resolve.ts";

/** An answer of the API, however it was asked. */
export interface ObservedAnswer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const DOCUMENT = "document";

/** Holds answers to a document. What the document does not name is a fault, too: every member has to be described. */
export class DocumentedAnswers {
  readonly #document: OpenApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();
  /** Each operation and status that an answer was held to: `post /chaos/load 200`. */
  readonly seen = new Set<string>();

  constructor(document: OpenApiDocument) {
    this.#document = document;
    const schemas = Object.entries(document.components.schemas);
    const closed = Object.fromEntries(schemas.map(([name, schema]) => [name, close(schema)]));
    const components = { ...document.components, schemas: closed };
    this.#ajv.addSchema({ ...document, components }, DOCUMENT);
  }

  /** @throws {Error} that says what of the answer is not as the document says. */
  hold(answer: ObservedAnswer): void {
    const { method, status } = answer;
    const path = this.#templateOf(answer.path);
    const documented =
      this.#document.paths[path]?.[method.toLowerCase()]?.responses[String(status)];
    if (documented === undefined) {
      throw new Error(`${method} ${path} is not described to answer ${status}: ${answer.body}`);
    }
    this.seen.add(`${method.toLowerCase()} ${path} ${status}`);
    const response = resolveResponse(documented, this.#document.components);
    const faults = [...this.#headerFaults(answer, response), ...this.#bodyFaults(answer, response)];
    if (faults.length > 0) {
      throw new Error(`${method} ${path} ${status}: ${faults.join("; ")} in ${answer.body}`);
    }
  }

  /** Holds a value to a schema of the document. @throws {Error} that says what does not fit. */
  holdValue(schema: SchemaObject, value: unknown): void {
    const faults = this.#faults(schema, value);
    if (faults.length > 0) {
      throw new Error(`${faults.join("; ")} in ${JSON.stringify(value)}`);
    }
  }

  #templateOf(path: string): string {
    const [bare = ""] = path.split("?", 1);
    const template = Object.keys(this.#document.paths).find((candidate) =>
      new RegExp(`^${candidate.replace(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.")}$`).test(bare),
    );
    if (template === undefined) {
      throw new Error(`the document has no path ${bare}`);
    }
    return template;
  }

  #headerFaults({ headers }: ObservedAnswer, response: ResponseObject): readonly string[] {
    return Object.keys(response.headers).flatMap((name) => {
      const described = this.#document.components.headers[name];
      const value = headers[name.toLowerCase()];
      return described === undefined || (value === undefined && described.required !== true)
        ? []
        : this.#faults(described.schema, value).map((fault) => `header ${name} ${fault}`);
    });
  }

  #bodyFaults({ headers, body }: ObservedAnswer, { content }: ResponseObject): readonly string[] {
    const type = String(headers["content-type"]).split(";", 1)[0] ?? "";
    const media = content?.[type];
    if (media === undefined) {
      return [`content type ${type} is not described`];
    }
    const isJson = type.endsWith("json");
    return this.#faults(media.schema, isJson ? JSON.parse(body) : body);
  }

  #faults(schema: object, value: unknown): readonly string[] {
    const validate = this.#compile(schema);
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => {
          return `${instancePath || "/"} ${message} ${JSON.stringify(params)}`;
        });
  }

  /** Its references point into the document. */
  #compile(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${DOCUMENT}#/`);
    const compiled = this.#compiled.get(text) ?? this.#ajv.compile(JSON.parse(text));
    this.#compiled.set(text, compiled);
    return compiled;
  }
}

/** Lets no object have members that are not described. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map((entry: unknown) => close(entry));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const closed = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, close(value)]),
  );
  return "type" in schema && schema.type === "object" && "properties" in schema
    ? { additionalProperties: false, ...closed }
    : closed;
}
