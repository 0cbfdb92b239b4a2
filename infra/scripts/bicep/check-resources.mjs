import { membersOf } from "./syntax-nodes.mjs";

/** What every resource may have beside what its type has. */
const GENERAL = ["name", "parent", "scope", "dependsOn", "properties"];

/**
 * Holds resources to the table of types: type and API version, the members of the resource and of its `properties`, what
 * is required, and that a parent is of the type that the child belongs to.
 *
 * @param declared the file's declarations.
 * @param table resource-types.json.
 * @returns {{ node, message }[]}
 */
export function checkResources(declared, table) {
  return [...declared.resources.values()].flatMap((resource) => {
    const [type, apiVersion] = (resource.type ?? "").split("@");
    const known = table[type];
    if (known === undefined) {
      return [finding(resource, `${type} is not in resource-types.json`)];
    }
    if (known.apiVersion !== apiVersion) {
      return [finding(resource, `${type} has API version ${known.apiVersion}, not ${apiVersion}`)];
    }
    if (resource.body.type !== "object") {
      return [finding(resource, "its body is no object")];
    }
    return checkParent(resource, type, declared).concat(
      resource.isExisting ? [] : checkMembers(resource, known),
    );
  });
}

function checkMembers(resource, known) {
  const top = membersOf(resource.body);
  const allowed = [...GENERAL, ...(known.top ?? [])];
  const findings = demand(resource, top, {
    where: resource.name,
    allowed,
    required: ["name", ...(known.requiredTop ?? [])],
  });
  const properties = top.get("properties");
  if (properties === undefined) {
    const required = known.required ?? [];
    return required.length === 0
      ? findings
      : [...findings, finding(resource, `properties are missing: ${required.join(", ")}`)];
  }
  return properties.type === "object"
    ? [
        ...findings,
        ...demand(resource, membersOf(properties), {
          where: `${resource.name}.properties`,
          allowed: known.properties ?? [],
          required: known.required ?? [],
        }),
      ]
    : findings;
}

function demand(resource, members, { where, allowed, required }) {
  const unknown = [...members]
    .filter(([name]) => !allowed.includes(name))
    .map(([name, node]) => ({ node, message: `${where} has no member ${name}` }));
  const missing = required
    .filter((name) => !members.has(name))
    .map((name) => finding(resource, `${where} lacks ${name}`));
  return [...unknown, ...missing];
}

function checkParent(resource, type, declared) {
  const owner = type.slice(0, type.lastIndexOf("/"));
  const members = membersOf(resource.body);
  if (!owner.includes("/")) {
    return members.has("parent") ? [finding(resource, `${type} has no parent`)] : [];
  }
  const parent = members.get("parent");
  if (parent === undefined) {
    return [finding(resource, `${type} needs a parent`)];
  }
  const actual = declared.resources.get(parent.text)?.type?.split("@")[0];
  return actual === owner
    ? []
    : [{ node: parent, message: `the parent of ${type} must be a ${owner}, not ${actual}` }];
}

function finding({ node, name }, message) {
  return { node, message: `resource ${name}: ${message}` };
}
