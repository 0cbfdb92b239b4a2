import type { SchemaObject } from "../openapi/open-api-document.ts";
import { escapeHtml } from "./escape-html.ts";
import { renderInline } from "./render-text.ts";

const REFERENCE = "#/components/schemas/";

/** A schema's type in a few words, with links to those that have names. */
export function renderType(schema: SchemaObject): string {
  if (schema.$ref !== undefined) {
    const name = escapeHtml(schema.$ref.slice(REFERENCE.length));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  const choices = schema.anyOf ?? schema.allOf;
  if (choices !== undefined) {
    const between = schema.anyOf === undefined ? " and " : " or ";
    return choices.map((choice) => renderType(choice)).join(between);
  }
  if (schema.enum !== undefined || schema.const !== undefined) {
    const values = schema.enum ?? [schema.const];
    return values.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(" or ");
  }
  if (schema.type === "array") {
    return `array of ${renderType(schema.items ?? {})}`;
  }
  return `${escapeHtml(schema.type ?? "anything")}${renderBounds(schema)}`;
}

/** A schema's members, as far down as they have no names of their own. */
export function renderMembers(schema: SchemaObject): string {
  const rows = rowsOf(schema, "");
  return rows.length === 0
    ? `<p>${renderType(schema)}</p>`
    : `<table><thead><tr><th>member</th><th>type</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function rowsOf(schema: SchemaObject, prefix: string): readonly string[] {
  const required = new Set(schema.required);
  const rows: string[] = [];
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`;
    const optional = required.has(name) ? "" : ` <span class="note">optional</span>`;
    const cells = [
      `<code>${escapeHtml(path)}</code>${optional}`,
      renderType(member),
      notesOf(member),
    ];
    rows.push(`<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
    rows.push(...rowsOf(member, `${path}.`));
  }
  return rows;
}

function notesOf({ description, default: fallback }: SchemaObject): string {
  const notes = [
    ...(description === undefined ? [] : [renderInline(description)]),
    ...(fallback === undefined
      ? []
      : [`default <code>${escapeHtml(JSON.stringify(fallback))}</code>`]),
  ];
  return notes.join(" ");
}

function renderBounds(schema: SchemaObject): string {
  const least = schema.minimum ?? schema.minLength;
  const most = schema.maximum ?? schema.maxLength;
  const unit = schema.type === "string" ? " characters" : "";
  if (least === undefined && most === undefined) {
    return "";
  }
  if (most === undefined) {
    return ` <span class="note">from ${least}${unit}</span>`;
  }
  return ` <span class="note">${least === undefined ? "up to" : `${least} to`} ${most}${unit}</span>`;
}
