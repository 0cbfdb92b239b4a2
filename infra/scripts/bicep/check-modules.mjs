import { membersOf, walk } from "./syntax-nodes.mjs";
import { moduleOutput, typeOf } from "./type-of.mjs";

const GENERAL = new Set(["name", "scope", "dependsOn", "params"]);

/**
 * Holds the use of modules to their files: the file is there, its required parameters are given, none is unknown, their
 * types and allowed values fit, secrets go to secure parameters and secure parameters get secrets, the scope is given where it is
 * another, and outputs that are used exist.
 *
 * @param root the file's tree.
 * @param context `declared`, `outputsOf(path)` and `declarationsOf(path)`, undefined for a file that is not there.
 * @returns {{ node, message }[]}
 */
export function checkModules(root, context) {
  const { declared } = context;
  const findings = [...declared.modules.values()].flatMap((module) => {
    const target = context.declarationsOf(module.path);
    return target === undefined
      ? [{ node: module.node, message: `module ${module.name}: there is no file ${module.path}` }]
      : checkMembers(module).concat(
          checkScope(module, target, declared),
          checkParams(module, target.params, context),
        );
  });
  walk(root, (node) => {
    const output = moduleOutput(node, declared);
    if (output !== null && !(context.outputsOf(output.module.path)?.has(output.name) ?? true)) {
      findings.push({ node, message: `${output.module.path} has no output ${output.name}` });
    }
    return true;
  });
  return findings;
}

function checkMembers({ name, body }) {
  return [...membersOf(body)]
    .filter(([member]) => !GENERAL.has(member))
    .map(([member, node]) => ({ node, message: `module ${name} has no member ${member}` }));
}

/** A module that is deployed to something else than its caller must be told what. */
function checkScope({ node, name, body }, target, { targetScope }) {
  return target.targetScope === targetScope || membersOf(body).has("scope")
    ? []
    : [
        {
          node,
          message: `module ${name} needs a scope: it is deployed to a ${target.targetScope}`,
        },
      ];
}

function checkParams(module, params, context) {
  const given = membersOf(module.body).get("params");
  const values = given === undefined ? new Map() : membersOf(given);
  const missing = [...params.values()]
    .filter((param) => param.isRequired && !values.has(param.name))
    .map((param) => `needs the parameter ${param.name}`)
    .map((what) => ({ node: module.node, message: `module ${module.name} ${what}` }));
  const wrong = [...values].flatMap(([name, value]) => {
    const complaint = complaintOf(value, params.get(name), context);
    return complaint === null
      ? []
      : [{ node: value, message: `module ${module.name}, parameter ${name}: ${complaint}` }];
  });
  return [...missing, ...wrong];
}

function complaintOf(value, param, context) {
  if (param === undefined) {
    return "the module has none of this name";
  }
  const type = typeOf(value, context);
  if (type !== null && type !== param.type && param.type !== "any") {
    return `must be ${param.type}, is ${type}`;
  }
  const isLiteral = type !== null && value.type !== "identifier";
  if (isLiteral && param.allowed !== null && !param.allowed.includes(value.text)) {
    return `must be one of ${param.allowed.join(", ")}, is ${value.text}`;
  }
  const isSecret = context.declared.params.get(value.text)?.isSecure ?? param.isSecure;
  if (isSecret === param.isSecure) {
    return null;
  }
  return isSecret
    ? "takes a secret and is not @secure()"
    : `is @secure(), and ${value.text} is not: it would stand in the deployment's record`;
}
