/** What came of reading a text: a value, or what was expected instead. */
export type ParsedText<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };

/** One variable of the environment: its name, its meaning for the README, and how its text is read. */
export interface EnvironmentVariable<T> {
  readonly name: string;
  readonly meaning: string;
  /** What holds when the variable is unset or empty. */
  readonly fallback: T;
  /** The fallback as the README shows it. */
  readonly fallbackText: string;
  /** true: the value is never repeated in a message. */
  readonly isSecret?: boolean;
  readonly parse: (text: string) => ParsedText<T>;
}

/** Names a variable's type once, so that a table of variables keeps the type of each. */
export function defineVariable<T>(variable: EnvironmentVariable<T>): EnvironmentVariable<T> {
  return Object.freeze(variable);
}

/** The environment as a process gets it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads one variable; unset and empty mean its fallback.
 * A mistake is added to `mistakes` by the variable's name, and the fallback is returned, so that all mistakes of an
 * environment can be reported together.
 */
export function readVariable<T>(
  environment: Environment,
  variable: EnvironmentVariable<T>,
  mistakes: string[],
): T {
  const text = environment[variable.name]?.trim() ?? "";
  if (text === "") {
    return variable.fallback;
  }
  const parsed = variable.parse(text);
  if (parsed.ok) {
    return parsed.value;
  }
  const shown = variable.isSecret === true ? "" : ` (it is ${JSON.stringify(text.slice(0, 100))})`;
  mistakes.push(`${variable.name} must be ${parsed.expected}${shown}`);
  return variable.fallback;
}
