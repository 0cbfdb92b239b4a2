/** @typedef {import("web-tree-sitter").Node} Node */

/** The named children of a node. @param {Node} node @returns {Node[]} */
export function childrenOf(node) {
  return node.namedChildren.filter((child) => child !== null && child.type !== "comment");
}

/** Calls `visit` with a node and all below it; not below those for which it returns false. */
export function walk(node, visit) {
  if (visit(node) === false) {
    return;
  }
  childrenOf(node).forEach((child) => walk(child, visit));
}

/** The text of a string without interpolation, else null. */
export function literalText(node) {
  const parts = childrenOf(node);
  const isLiteral = node.type === "string" && parts.every(({ type }) => type !== "interpolation");
  return isLiteral ? parts.map(({ text }) => text).join("") : null;
}

/** The members of an object by name: the value nodes. */
export function membersOf(object) {
  const members = new Map();
  for (const property of childrenOf(object)) {
    if (property.type === "object_property") {
      const [key, value] = childrenOf(property);
      members.set(key.type === "string" ? (literalText(key) ?? key.text) : key.text, value ?? key);
    }
  }
  return members;
}

/** What a declaration is about, below its condition and its loop. */
export function bodyOf(declaration) {
  let node = childrenOf(declaration).at(-1);
  while (node.type === "if_statement" || node.type === "for_statement") {
    node = childrenOf(node).at(-1);
  }
  return node;
}

/** Where a node begins, as editors count. */
export function placeOf(node) {
  return `${node.startPosition.row + 1}:${node.startPosition.column + 1}`;
}
