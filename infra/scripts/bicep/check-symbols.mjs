import { childrenOf, walk } from "./syntax-nodes.mjs";
import { typeOf } from "./type-of.mjs";

/** The functions of Bicep that may be called here; another one is a misspelling, or to be added. */
const FUNCTIONS = new Set(
  `array bool concat contains empty endsWith filter first format guid indexOf int intersection items join json
  last length map max min padLeft range reduce replace resourceGroup resourceId skip sort split startsWith string
  subscription subscriptionResourceId substring take tenant toLower toUpper trim union uniqueString uri`.split(
    /\s+/,
  ),
);

const DECLARATIONS = new Set([
  "parameter_declaration",
  "variable_declaration",
  "resource_declaration",
  "module_declaration",
  "output_declaration",
]);

/**
 * Looks at names: each one that is used is declared, each parameter, variable and existing resource that is declared is
 * used, none is declared twice, parameters and outputs are described, outputs give away no secret and are of their type.
 *
 * @returns {{ node, message }[]}
 */
export function checkSymbols(root, context) {
  const { declared } = context;
  const uses = findUses(root);
  const kinds = [declared.params, declared.variables, declared.resources, declared.modules];
  const known = new Set(kinds.flatMap((kind) => Array.from(kind.keys())));
  return [
    ...uses.unknownFunctions.map((node) => ({
      node,
      message: `there is no function ${node.text}`,
    })),
    ...uses.names
      .filter(({ text }) => !known.has(text))
      .map((node) => ({ node, message: `${node.text} is not declared` })),
    ...declared.repeated.map((node) => ({ node, message: "its name was declared before" })),
    ...findUnused(declared, new Set(uses.names.map(({ text }) => text))),
    ...checkDescriptions(declared),
    ...checkOutputs(context),
  ];
}

/** Every use of a name that is not a loop's or a lambda's own. */
function findUses(root) {
  const names = [];
  const unknownFunctions = [];
  const visit = (node, own) => {
    const called = calledFunction(node);
    if (called !== null && !FUNCTIONS.has(called.text)) {
      unknownFunctions.push(called);
    }
    if (node.type === "identifier" && !own.has(node.text)) {
      names.push(node);
    }
    const inner = new Set([...own, ...namesMadeBy(node)]);
    childrenOf(node)
      .filter((child, index) => !isNaming(node, child, index) && child.id !== called?.id)
      .forEach((child) => visit(child, inner));
  };
  childrenOf(root)
    .filter(({ type }) => type !== "decorators")
    .forEach((node) => visit(node, new Set()));
  return { names, unknownFunctions };
}

/** The name of the function that a node calls; null also where it asks something by a function of its own: `a.listKeys()`. */
function calledFunction(node) {
  const called = node.type === "call_expression" ? node.childForFieldName("function") : null;
  return called?.type === "identifier" ? called : null;
}

/** Whether a child names what its parent makes, rather than using something. */
function isNaming(parent, child, index) {
  return (
    (DECLARATIONS.has(parent.type) && index === 0) ||
    (parent.type === "object_property" && index === 0 && child.type === "identifier") ||
    (parent.type === "for_statement" && index === 0) ||
    child.type === "type"
  );
}

/**
 * The variables of a loop, or of the lambdas among a call's arguments: the grammar ends a lambda at the first word of its
 * body, so that its variable must be known in the rest of the arguments, too.
 */
function namesMadeBy(node) {
  if (node.type === "for_statement") {
    const [first] = childrenOf(node);
    return first.type === "identifier" ? [first.text] : childrenOf(first).map(({ text }) => text);
  }
  const names = [];
  if (node.type === "arguments") {
    walk(node, (inner) => {
      if (inner.type === "lambda_expression") {
        names.push(childrenOf(inner)[0].text);
      }
      return true;
    });
  }
  return names;
}

function findUnused(declared, used) {
  const existing = [...declared.resources.values()].filter(({ isExisting }) => isExisting);
  return [...declared.params.values(), ...declared.variables.values(), ...existing]
    .filter(({ name }) => !used.has(name))
    .map(({ node, name }) => ({ node, message: `${name} is never used` }));
}

function checkDescriptions({ params, outputs }) {
  return [...params.values(), ...outputs.values()]
    .filter(({ isDescribed }) => !isDescribed)
    .map(({ node, name }) => ({ node, message: `${name} has no @description` }));
}

function checkOutputs(context) {
  const { params, outputs } = context.declared;
  return [...outputs.values()].flatMap(({ node, name, type, value }) => {
    const findings = [];
    const actual = typeOf(value, context);
    if (actual !== null && actual !== type && type !== "any") {
      findings.push({ node, message: `output ${name} must be ${type}, is ${actual}` });
    }
    walk(value, (inner) => {
      if (inner.type === "identifier" && params.get(inner.text)?.isSecure === true) {
        findings.push({ node, message: `output ${name} gives away the secret ${inner.text}` });
      }
      return true;
    });
    return findings;
  });
}
