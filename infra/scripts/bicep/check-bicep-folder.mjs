import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { createBicepParser } from "./bicep-parser.mjs";
import { checkDecorators } from "./check-decorators.mjs";
import { checkMembers } from "./check-members.mjs";
import { checkModules } from "./check-modules.mjs";
import { checkParameterFile } from "./check-parameter-file.mjs";
import { checkResources } from "./check-resources.mjs";
import { checkSecrets } from "./check-secrets.mjs";
import { checkSymbols } from "./check-symbols.mjs";
import { checkSyntax } from "./check-syntax.mjs";
import { readDeclarations } from "./read-declarations.mjs";
import { placeOf } from "./syntax-nodes.mjs";

/**
 * Checks every Bicep file below a folder against each other and against the folder's resource-types.json.
 *
 * @param {string} folder
 * @returns {Promise<{ files: string[], findings: string[] }>} findings as `file:line:column: what is wrong`.
 * @throws {Error} when there is no Bicep file or no table.
 */
export async function checkBicepFolder(folder) {
  const table = JSON.parse(readFileSync(join(folder, "resource-types.json"), "utf8"));
  const paths = readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith(".bicep"))
    .map((path) => resolve(folder, path))
    .sort();
  if (paths.length === 0) {
    throw new Error(`there is no Bicep file in ${folder}`);
  }
  const parser = await createBicepParser();
  const files = new Map(
    paths.map((path) => {
      const root = parser.parse(readFileSync(path, "utf8"));
      return [path, { root, declared: readDeclarations(root) }];
    }),
  );
  const findings = paths.flatMap((path) => {
    const name = relative(folder, path);
    return [
      ...checkFile(path, files, table).map(
        ({ node, message }) => `${name}:${placeOf(node)}: ${message}`,
      ),
      ...checkParameters(path, files).map(
        (message) => `${name.replace(/\.bicep$/, ".parameters.json")}: ${message}`,
      ),
    ];
  });
  return { files: paths.map((path) => relative(folder, path)), findings };
}

function checkFile(path, files, table) {
  const { root, declared } = files.get(path);
  const syntax = checkSyntax(root);
  if (syntax.length > 0) {
    // What follows from a tree with holes would only be noise.
    return syntax;
  }
  const declarationsOf = (module) => files.get(resolve(dirname(path), module ?? ""))?.declared;
  const context = {
    declared,
    declarationsOf,
    outputsOf: (module) => declarationsOf(module)?.outputs,
  };
  return [
    ...checkResources(declared, table),
    ...checkModules(root, context),
    ...checkDecorators(root),
    ...checkMembers(root, declared, table),
    ...checkSecrets(declared),
    ...checkSymbols(root, context),
  ];
}

function checkParameters(path, files) {
  const file = path.replace(/\.bicep$/, ".parameters.json");
  return existsSync(file)
    ? checkParameterFile(readFileSync(file, "utf8"), files.get(path).declared.params)
    : [];
}
