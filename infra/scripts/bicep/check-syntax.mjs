import { childrenOf } from "./syntax-nodes.mjs";

/** What the grammar could not read. @returns {{ node, message }[]} */
export function checkSyntax(root) {
  const findings = [];
  const visit = (node) => {
    if (node.isError || node.isMissing) {
      const what = node.isMissing ? `${node.type} is missing` : `cannot be read: ${excerpt(node)}`;
      findings.push({ node, message: what });
      return;
    }
    if (node.hasError) {
      node.children.forEach((child) => child !== null && visit(child));
    }
  };
  visit(root);
  for (const node of childrenOf(root)) {
    if (node.type === "identifier") {
      findings.push({ node, message: `is no declaration: ${excerpt(node)}` });
    }
  }
  return findings;
}

function excerpt(node) {
  return JSON.stringify(node.text.split("\n", 1)[0].slice(0, 60));
}
