import { escapeHtml } from "./escape-html.ts";

/** A description as HTML: paragraphs, tables and `code`, which is all of Markdown that the descriptions use. */
export function renderText(text: string): string {
  return text
    .split("\n\n")
    .map((block) => (block.startsWith("|") ? renderTable(block) : `<p>${renderInline(block)}</p>`))
    .join("\n");
}

/** One line of a description. */
export function renderInline(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function renderTable(block: string): string {
  const [head = "", , ...rows] = block.split("\n");
  const body = rows.map((row) => renderRow(row, "td")).join("\n");
  return `<table><thead>${renderRow(head, "th")}</thead><tbody>${body}</tbody></table>`;
}

function renderRow(row: string, tag: "td" | "th"): string {
  const cells = row.slice(1, -1).split("|");
  return `<tr>${cells.map((cell) => `<${tag}>${renderInline(cell.trim())}</${tag}>`).join("")}</tr>`;
}
