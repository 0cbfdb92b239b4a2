/**
 * The compiled entry of one of the agent's threads, also when this module runs from source: a thread inherits no loader,
 * since it must not inherit the application's `--import`.
 * @param path below the package's compiled files, for example `thread/agent-thread.js`
 */
export function threadFile(path: string): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? `../../dist/${path}` : `../${path}`, import.meta.url);
}
