import { walk } from "./syntax-nodes.mjs";

const OF_EVERY_RESOURCE = ["id", "name", "type", "apiVersion", "properties"];
const OF_EVERY_MODULE = new Set(["name", "outputs"]);

/**
 * Holds what is read of a resource or a module to what it has: its members, those of a resource's `properties` (those that
 * Azure fills in stand in the table as `readOnly`) and the functions that it may be asked by.
 *
 * @param root the file's tree.
 * @param declared the file's declarations.
 * @param table resource-types.json.
 * @returns {{ node, message }[]}
 */
export function checkMembers(root, declared, table) {
  const findings = [];
  walk(root, (node) => {
    const message = node.type === "member_expression" ? complaintOf(node, declared, table) : null;
    if (message !== null) {
      findings.push({ node, message });
    }
    return true;
  });
  return findings;
}

function complaintOf(node, declared, table) {
  const member = node.childForFieldName("property")?.text ?? "";
  const object = node.childForFieldName("object");
  const direct = symbolOf(object);
  if (declared.modules.has(direct)) {
    return OF_EVERY_MODULE.has(member) ? null : `module ${direct} has no ${member}`;
  }
  const known = typeOfResource(direct, declared, table);
  if (known !== null) {
    return mayBeRead(node, member, known) ? null : `resource ${direct} has no ${member}`;
  }
  const isOfProperties =
    object?.type === "member_expression" &&
    object.childForFieldName("property")?.text === "properties";
  const owner = isOfProperties ? symbolOf(object.childForFieldName("object")) : "";
  const type = typeOfResource(owner, declared, table);
  if (type === null) {
    return null;
  }
  const properties = [...(type.properties ?? []), ...(type.readOnly ?? [])];
  return properties.includes(member) ? null : `resource ${owner} has no properties.${member}`;
}

/** The name that is asked: that of `name` and of `name[index]`. */
function symbolOf(node) {
  const named = node?.type === "subscript_expression" ? node.childForFieldName("object") : node;
  return named?.type === "identifier" ? named.text : "";
}

function typeOfResource(name, declared, table) {
  return table[declared.resources.get(name)?.type?.split("@")[0]] ?? null;
}

function mayBeRead(node, member, known) {
  const isCalled =
    node.parent?.type === "call_expression" &&
    node.parent.childForFieldName("function")?.id === node.id;
  const names = isCalled ? (known.functions ?? []) : [...OF_EVERY_RESOURCE, ...(known.top ?? [])];
  return names.includes(member);
}
