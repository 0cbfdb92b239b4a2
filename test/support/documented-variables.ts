import { repositoryFile } from "./repository.ts";

/** Read by Azure's and Microsoft's libraries in our processes, not by our own configuration. */
const OF_LIBRARIES = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"];

/** The names of variables that the tables of READMEs list; other tests hold those tables to the code. */
export function documentedVariables(...parts: readonly string[]): ReadonlySet<string> {
  const names = parts.flatMap((part) =>
    repositoryFile(`${part}/README.md`)
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => line.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []),
  );
  return new Set([...names, ...OF_LIBRARIES]);
}
