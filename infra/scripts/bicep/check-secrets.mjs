import { childrenOf, membersOf, walk } from "./syntax-nodes.mjs";

/**
 * Looks at parameters that are used below a resource's member `secrets`: what is a secret there must be one in the
 * deployment's record, too.
 *
 * @param declared the file's declarations.
 * @returns {{ node, message }[]}
 */
export function checkSecrets({ params, resources }) {
  return [...resources.values()].flatMap(({ body }) => {
    const findings = [];
    walk(body, (node) => {
      const secrets = node.type === "object" ? membersOf(node).get("secrets") : undefined;
      for (const { name, node: use } of secrets === undefined ? [] : usesOf(secrets, params)) {
        findings.push({ node: use, message: `${name} is a secret here and not @secure()` });
      }
      return true;
    });
    return findings;
  });
}

/** Where parameters that are not secure are used below a node; the key of a member is no use. */
function usesOf(secrets, params) {
  const uses = [];
  walk(secrets, (node) => {
    childrenOf(node)
      .filter((_child, index) => node.type !== "object_property" || index > 0)
      .filter(({ type, text }) => type === "identifier" && params.get(text)?.isSecure === false)
      .forEach((use) => uses.push({ name: use.text, node: use }));
    return true;
  });
  return uses;
}
