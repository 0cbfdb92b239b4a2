import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

/**
 * A parser of Bicep: tree-sitter's grammar as WebAssembly, since the compiler is not in any package registry of Node.
 * @returns {Promise<{ parse: (text: string) => import("web-tree-sitter").Node }>}
 */
export async function createBicepParser() {
  await Parser.init();
  const parser = new Parser();
  const grammar = import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm");
  parser.setLanguage(await Language.load(fileURLToPath(grammar)));
  return {
    parse: (text) => {
      const tree = parser.parse(text);
      if (tree === null) {
        throw new Error("the parser gave no tree");
      }
      return tree.rootNode;
    },
  };
}
