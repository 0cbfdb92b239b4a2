/**
 * Library packages in the output of `apt-cache depends`; of alternatives the first. libc6 is left out: it belongs to
 * the loader of the system and must not come from elsewhere.
 */
export function parseLibraryDependencies(output: string): string[] {
  const libraries: string[] = [];
  let isAlternative = false;
  for (const line of output.split("\n")) {
    const match = /^ (?<more>[ |])(?:Pre)?Depends: (?<name>[a-z0-9][a-z0-9+.-]*)$/.exec(line);
    const name = match?.groups?.["name"];
    if (name !== undefined && !isAlternative && name.startsWith("lib") && name !== "libc6") {
      libraries.push(name);
    }
    isAlternative = match?.groups?.["more"] === "|";
  }
  return libraries;
}
