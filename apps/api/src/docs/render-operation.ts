import type {
  MediaTypeObject,
  OpenApiDocument,
  OperationObject,
  ParameterObject,
  ResponseObject,
} from "../openapi/open-api-document.ts";
import { escapeHtml } from "./escape-html.ts";
import { renderInline, renderText } from "./render-text.ts";
import { renderType } from "./render-schema.ts";
import { resolveParameter, resolveResponse } from "./resolve.ts";

/** One operation of the document. */
export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

/** One operation as a section of the page. */
export function renderOperation(
  { method, path, operation }: PlacedOperation,
  components: OpenApiDocument["components"],
): string {
  const parameters = operation.parameters.map((entry) => resolveParameter(entry, components));
  const responses = Object.entries(operation.responses);
  const { requestBody } = operation;
  return `<section id="${escapeHtml(operation.operationId)}">
<h3>${renderMethod(method)} <code>${escapeHtml(path)}</code></h3>
<p class="summary">${renderInline(operation.summary)}.</p>
${operation.description === undefined ? "" : renderText(operation.description)}
<pre>${escapeHtml(curlOf({ method, path, operation }))}</pre>
${renderParameters(parameters)}
${requestBody === undefined ? "" : renderBody(requestBody)}
<h4>Answers</h4>
${responses.map(([status, entry]) => renderAnswer(status, resolveResponse(entry, components))).join("\n")}
</section>`;
}

/** A method as a badge. */
export function renderMethod(method: string): string {
  return `<span class="method ${escapeHtml(method)}">${escapeHtml(method.toUpperCase())}</span>`;
}

function renderParameters(parameters: readonly ParameterObject[]): string {
  const rows = parameters.map(({ name, in: place, required = false, schema, description }) => {
    const note = `<span class="note">${place}${required ? "" : ", optional"}</span>`;
    const cells = [`<code>${escapeHtml(name)}</code> ${note}`, renderType(schema)];
    return `<tr>${[...cells, renderInline(description)].map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<h4>Parameters</h4>
<table><thead><tr><th>parameter</th><th>type</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function renderBody({ required, content }: NonNullable<OperationObject["requestBody"]>): string {
  return `<h4>Body${required ? "" : ` <span class="note">optional</span>`}</h4>
${Object.entries(content)
  .map(([type, media]) => renderMedia(type, media))
  .join("\n")}`;
}

function renderAnswer(
  status: string,
  { description, headers, content = {} }: ResponseObject,
): string {
  const names = Object.keys(headers).map((name) => `<code>${escapeHtml(name)}</code>`);
  const media = Object.entries(content).map(([type, entry]) => renderMedia(type, entry));
  const [first = "", ...rest] = description.split("\n\n");
  return `<details><summary><span class="status s${escapeHtml(status.charAt(0))}">${escapeHtml(status)}</span> ${renderInline(first)}${rest.length === 0 ? "" : ` <span class="note">and ${rest.length} more</span>`}</summary>
${rest.length === 0 ? "" : renderText(rest.join("\n\n"))}
<p class="note">Headers: ${names.join(", ")}</p>
${media.join("\n")}
</details>`;
}

function renderMedia(type: string, { schema, examples = {}, ...media }: MediaTypeObject): string {
  const data = media["x-event-data"];
  const eventData = data === undefined ? "" : `; the data of an event: ${renderType(data)}`;
  const shown = Object.entries(examples).map(([name, { summary = name, value }]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return `<figure><figcaption>${renderInline(summary)}</figcaption><pre>${escapeHtml(text)}</pre></figure>`;
  });
  return `<p><code>${escapeHtml(type)}</code>: ${renderType(schema)}${eventData}</p>
${shown.join("\n")}`;
}

function curlOf({ method, path, operation }: PlacedOperation): string {
  const verb = method === "get" ? "" : ` -X ${method.toUpperCase()}`;
  const isStream = Object.keys(operation.responses).some((status) => {
    const response = operation.responses[status];
    return (
      response !== undefined && "content" in response && "text/event-stream" in response.content
    );
  });
  const [example] = Object.values(
    operation.requestBody?.content["application/json"]?.examples ?? {},
  );
  const body =
    example === undefined
      ? ""
      : ` \\\n  -H 'content-type: application/json' -d '${JSON.stringify(example.value)}'`;
  return `curl${isStream ? " -N" : ""}${verb} http://localhost:8000${path}${body}`;
}
