import type { OpenApiDocument } from "../openapi/open-api-document.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { escapeHtml } from "./escape-html.ts";
import { renderMethod, renderOperation, type PlacedOperation } from "./render-operation.ts";
import { renderMembers } from "./render-schema.ts";
import { renderInline, renderText } from "./render-text.ts";

/** The API's description as one page that needs no script and nothing else from anywhere. */
export function renderDocs(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const groups = tags.map(({ name, description }) => {
    return { name, description, operations: operationsOf(document, name) };
  });
  const sections = groups.map(
    ({ name, description, operations }) =>
      `<h2 id="tag-${escapeHtml(name)}">${escapeHtml(name)}</h2>
<p>${renderInline(description)}</p>
${operations.map((operation) => renderOperation(operation, components)).join("\n")}`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} API</title>
<style>${DOCS_STYLE}</style>
</head>
<body>
<nav aria-label="Contents">
<strong>${escapeHtml(info.title)}</strong> <span class="note">${escapeHtml(info.version)}</span>
${groups.map(({ name, operations }) => renderGroup(name, operations)).join("\n")}
<h2>schemas</h2>
<ul>${Object.keys(components.schemas).map(renderSchemaLink).join("")}</ul>
</nav>
<main>
<h1>${escapeHtml(info.title)} API</h1>
<p class="summary">${renderInline(info.summary)}</p>
<p><a href="/openapi.json">openapi.json</a></p>
${renderText(info.description)}
${sections.join("\n")}
<h2 id="schemas">schemas</h2>
${Object.entries(components.schemas)
  .map(
    ([name, schema]) => `<section id="schema-${escapeHtml(name)}">
<h3>${escapeHtml(name)}</h3>
${schema.description === undefined ? "" : renderText(schema.description)}
${renderMembers(schema)}
</section>`,
  )
  .join("\n")}
</main>
</body>
</html>
`;
}

function operationsOf({ paths }: OpenApiDocument, tag: string): readonly PlacedOperation[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .filter(({ operation }) => operation.tags.includes(tag));
}

function renderGroup(name: string, operations: readonly PlacedOperation[]): string {
  const items = operations.map(
    ({ method, path, operation }) =>
      `<li><a href="#${escapeHtml(operation.operationId)}">${renderMethod(method)} ${escapeHtml(path)}</a></li>`,
  );
  return `<h2>${escapeHtml(name)}</h2>\n<ul>${items.join("")}</ul>`;
}

function renderSchemaLink(name: string): string {
  return `<li><a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a></li>`;
}
