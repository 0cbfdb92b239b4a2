/** The environment does not describe an API that can start. */
export class ConfigError extends Error {
  /** One line for each mistake, beginning with the variable's name; no secrets. */
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("; "));
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}
