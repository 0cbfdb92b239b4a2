import { decoratorName } from "./check-decorators.mjs";
import { bodyOf, childrenOf, literalText } from "./syntax-nodes.mjs";

/**
 * What a file declares, by kind and name.
 *
 * @param {import("web-tree-sitter").Node} root
 * @returns `params`, `variables`, `resources`, `modules`, `outputs`: maps from name to what is known of it;
 *   `repeated`: nodes whose name was declared before; `targetScope`: what the file is deployed to.
 */
export function readDeclarations(root) {
  const declared = {
    params: new Map(),
    variables: new Map(),
    resources: new Map(),
    modules: new Map(),
    outputs: new Map(),
    repeated: [],
    targetScope: "resourceGroup",
  };
  const names = new Set();
  let decorators = [];
  for (const node of childrenOf(root)) {
    if (node.type === "decorators") {
      decorators.push(...childrenOf(node));
      continue;
    }
    if (node.type === "target_scope_assignment") {
      declared.targetScope = literalText(childrenOf(node)[0]);
    }
    const read = READERS[node.type];
    if (read !== undefined) {
      const [{ text: name }] = childrenOf(node);
      // Outputs have names of their own.
      const key = node.type === "output_declaration" ? `output ${name}` : name;
      if (names.has(key)) {
        declared.repeated.push(node);
      }
      names.add(key);
      const [kind, known] = read(node, decorators);
      declared[kind].set(name, { node, name, ...known });
    }
    decorators = [];
  }
  return declared;
}

const READERS = {
  parameter_declaration: (node, decorators) => [
    "params",
    {
      type: childrenOf(node)[1]?.text ?? "any",
      isRequired: childrenOf(node).length < 3 && !node.text.trimEnd().endsWith("?"),
      fallback: childrenOf(node)[2] ?? null,
      isSecure: hasDecorator(decorators, "secure"),
      isDescribed: hasDecorator(decorators, "description"),
      allowed: allowedOf(decorators),
    },
  ],
  variable_declaration: (node) => ["variables", { value: childrenOf(node).at(-1) }],
  resource_declaration: (node) => [
    "resources",
    {
      type: literalText(childrenOf(node)[1]),
      isExisting: node.children.some((child) => child?.type === "existing"),
      body: bodyOf(node),
    },
  ],
  module_declaration: (node) => [
    "modules",
    { path: literalText(childrenOf(node)[1]), body: bodyOf(node) },
  ],
  output_declaration: (node, decorators) => [
    "outputs",
    {
      type: childrenOf(node)[1]?.text ?? "any",
      value: childrenOf(node).at(-1),
      isDescribed: hasDecorator(decorators, "description"),
    },
  ],
};

function hasDecorator(decorators, name) {
  return decorators.some((decorator) => decoratorName(decorator) === name);
}

/** The literals of `@allowed([…])`; null where anything goes. */
function allowedOf(decorators) {
  const allowed = decorators.find((decorator) => decoratorName(decorator) === "allowed");
  const list = allowed?.firstNamedChild?.childForFieldName("arguments")?.firstNamedChild;
  return list === undefined || list === null ? null : childrenOf(list).map(({ text }) => text);
}
