import { childrenOf } from "./syntax-nodes.mjs";

const LITERALS = {
  string: "string",
  number: "int",
  boolean: "bool",
  array: "array",
  object: "object",
};

/**
 * The type of an expression where it can be told without the compiler: of literals, parameters and outputs of modules.
 *
 * @param node the expression.
 * @param context `declared`: the file's declarations; `outputsOf(path)`: a module's outputs.
 * @returns {string | null} null where it cannot be told.
 */
export function typeOf(node, context) {
  if (LITERALS[node.type] !== undefined) {
    return LITERALS[node.type];
  }
  if (node.type === "identifier") {
    return context.declared.params.get(node.text)?.type ?? variableType(node.text, context);
  }
  const output = moduleOutput(node, context.declared);
  if (output !== null) {
    return context.outputsOf(output.module.path)?.get(output.name)?.type ?? null;
  }
  if (node.type === "ternary_expression") {
    const [, yes, no] = childrenOf(node).map((child) => typeOf(child, context));
    return yes === no ? yes : null;
  }
  return null;
}

function variableType(name, context) {
  const value = context.declared.variables.get(name)?.value;
  return value === undefined ? null : (LITERALS[value.type] ?? null);
}

/** The module and the output that `module.outputs.name` means, else null. */
export function moduleOutput(node, declared) {
  if (node.type !== "member_expression") {
    return null;
  }
  const inner = node.childForFieldName("object");
  const isOutput =
    inner?.type === "member_expression" && inner.childForFieldName("property")?.text === "outputs";
  if (!isOutput) {
    return null;
  }
  const owner = inner.childForFieldName("object");
  const symbol = owner?.type === "subscript_expression" ? owner.childForFieldName("object") : owner;
  const module = declared.modules.get(symbol?.text ?? "");
  return module === undefined
    ? null
    : { module, name: node.childForFieldName("property")?.text ?? "" };
}
