/** The commands that carry a user and a password. */
const CARRIERS = new Set(["auth", "hello"]);
const MASK = "***";

/**
 * Takes the arguments of AUTH and HELLO out of an error: ioredis hangs the command that failed onto it, and a logger
 * that writes all members of an error would write the password. The error itself stays as it is otherwise.
 */
export function redactCredentials(error: unknown): void {
  if (!isObject(error)) {
    return;
  }
  const command: unknown = Reflect.get(error, "command");
  if (!isObject(command)) {
    return;
  }
  const name: unknown = Reflect.get(command, "name");
  if (typeof name === "string" && CARRIERS.has(name.toLowerCase())) {
    Reflect.set(command, "args", [MASK]);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
