import { childrenOf } from "./syntax-nodes.mjs";

const OF_VALUES = ["allowed", "description", "maxLength", "maxValue", "metadata", "minLength"];
const OF_PARAMETERS = [...OF_VALUES, "discriminator", "minValue", "sealed", "secure"];

/** The decorators that each kind of declaration takes. */
const DECORATORS = {
  parameter_declaration: OF_PARAMETERS,
  output_declaration: OF_PARAMETERS.filter((name) => name !== "allowed"),
  variable_declaration: ["description", "export"],
  resource_declaration: ["batchSize", "description", "onlyIfNotExists"],
  module_declaration: ["batchSize", "description"],
};

/**
 * Holds decorators to the declaration that they stand before: a misspelt `@secure()` would hide nothing.
 *
 * @param root the file's tree.
 * @returns {{ node, message }[]}
 */
export function checkDecorators(root) {
  const findings = [];
  let pending = [];
  for (const node of childrenOf(root)) {
    if (node.type === "decorators") {
      pending.push(...childrenOf(node));
      continue;
    }
    const names = pending.map(decoratorName);
    pending.forEach((decorator, index) => {
      const complaint = complaintOf(names[index], node, names.indexOf(names[index]) < index);
      if (complaint !== null) {
        findings.push({ node: decorator, message: complaint });
      }
    });
    pending = [];
  }
  return findings;
}

function complaintOf(name, declaration, isRepeated) {
  const what = declaration.type.replace("_declaration", "");
  if (!DECORATORS[declaration.type]?.includes(name)) {
    return `a ${what} takes no decorator @${name}`;
  }
  if (isRepeated) {
    return `@${name} stands there twice`;
  }
  const isLoop = childrenOf(declaration).some(({ type }) => type === "for_statement");
  return name === "batchSize" && !isLoop ? "@batchSize is for loops only" : null;
}

/** What `@name(…)` and `@sys.name(…)` call; undefined where a decorator calls nothing. */
export function decoratorName(decorator) {
  const called = decorator.firstNamedChild?.childForFieldName("function");
  return called?.type === "member_expression"
    ? called.childForFieldName("property")?.text
    : called?.text;
}
