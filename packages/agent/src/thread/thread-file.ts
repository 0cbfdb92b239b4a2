/**
 * The compiled entry of the agent's thread, also when this module runs from source: a thread inherits no loader, since
 * it must not inherit the application's `--import`.
 */
export function threadFile(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(
    isSource ? "../../dist/thread/agent-thread.js" : "agent-thread.js",
    import.meta.url,
  );
}
