import type {
  OpenApiDocument,
  ParameterObject,
  ReferenceObject,
  ResponseObject,
} from "../openapi/open-api-document.ts";

type Components = OpenApiDocument["components"];

/** A parameter, wherever it stands in the document. */
export function resolveParameter(
  parameter: ParameterObject | ReferenceObject,
  { parameters }: Components,
): ParameterObject {
  return "$ref" in parameter ? found(parameters, parameter) : parameter;
}

/** A response, wherever it stands in the document. */
export function resolveResponse(
  response: ResponseObject | ReferenceObject,
  { responses }: Components,
): ResponseObject {
  return "$ref" in response ? found(responses, response) : response;
}

function found<T>(components: Readonly<Record<string, T>>, { $ref }: ReferenceObject): T {
  const component = components[$ref.slice($ref.lastIndexOf("/") + 1)];
  if (component === undefined) {
    throw new Error(`the document has no ${$ref}`);
  }
  return component;
}
