import { parseArgs } from "node:util";

import { cliOptions } from "./cli-options.ts";

/** The options of a command line as they stand there: a value, or "" for an option without one. */
export type GivenOptions = ReadonlyMap<string, string>;

/** Splits a command line into options; what is none of them goes to `problems`. */
export function parseOptions(args: readonly string[], problems: string[]): GivenOptions {
  const given = new Map<string, string>();
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      cliOptions.map(({ name, value }) => [
        name,
        { type: value === undefined ? ("boolean" as const) : ("string" as const) },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") {
      problems.push(`'${token.value}' is no option; see --help.`);
    } else if (token.kind === "option") {
      takeOption(token, given, problems);
    }
  }
  return given;
}

function takeOption(
  { name, rawName, value }: { name: string; rawName: string; value: string | undefined },
  given: Map<string, string>,
  problems: string[],
): void {
  const option = cliOptions.find((candidate) => candidate.name === name);
  if (option === undefined) {
    problems.push(`${rawName} is not known; see --help.`);
  } else if (option.value === undefined && value !== undefined) {
    problems.push(`${rawName} takes no value.`);
  } else if (option.value !== undefined && (value === undefined || value === "")) {
    problems.push(`${rawName} needs a value: ${rawName} ${option.value}.`);
  } else if (given.has(name)) {
    problems.push(`${rawName} is there twice.`);
  } else {
    given.set(name, value ?? "");
  }
}
