// Checks infra/bicep, or the folder that is given: `node infra/scripts/check-bicep.mjs [folder]`. Exits with 1 and one line
// for each mistake. It is not the compiler: the last lines say what it leaves to `az bicep build`.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { checkBicepFolder } from "./bicep/check-bicep-folder.mjs";

const LIMITS = `not checked, since there is no Bicep compiler here (az bicep build does):
    types of expressions other than literals, parameters, variables of literals and outputs of modules
    what lies deeper in a resource than its members and those of its properties; values that Azure takes
    members of what functions and lambdas give, such as those of subscription()
    length and value limits of parameters; whether Azure has the names, sizes and regions
    syntax newer than the grammar of tree-sitter-bicep, such as spread: it counts as an error`;

const folder = process.argv[2] ?? fileURLToPath(new URL("../bicep", import.meta.url));
try {
  const { files, findings } = await checkBicepFolder(folder);
  findings.forEach((line) => console.error(line));
  console.log(
    `${files.length} files in ${relative(process.cwd(), folder) || "."}, ${findings.length} mistakes`,
  );
  console.log(LIMITS);
  process.exitCode = findings.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`check-bicep: ${error.message}`);
  process.exitCode = 2;
}
