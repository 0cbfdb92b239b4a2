import { readFileSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryPath } from "./repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** One call of `az`: the words before the first option, and the options. */
export interface AzureCall {
  readonly command: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A rule of the network security group, as far as the scripts look at it. */
export interface SecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: string;
  readonly description?: string;
}

/** What Azure has at the beginning; the stub changes it as Azure would. */
export interface AzureState {
  readonly rules?: readonly SecurityRule[];
  readonly app?: unknown;
  /** The images that a revision can become ready with. */
  readonly pushedImages?: readonly string[];
  /** How often a command fails before it works. */
  readonly failures?: Readonly<Record<string, number>>;
}

/** A stub of Azure's command line: what to run scripts with, and what they did. */
export interface AzureStub extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  calls(): readonly AzureCall[];
  rules(): readonly SecurityRule[];
}

/** Puts `az` on a PATH of its own; it ends with the scope. */
export async function startAzureStub(state: AzureState): Promise<AzureStub> {
  const folder = await temporaryFolder();
  const calls = join(folder.path, "calls.jsonl");
  const stateFile = join(folder.path, "state.json");
  await writeFile(calls, "");
  await writeFile(stateFile, JSON.stringify({ rules: [], pushedImages: [], ...state }));
  await symlink(repositoryPath("test/support/apps/az-stub.mjs"), join(folder.path, "az"));
  return {
    env: {
      PATH: `${folder.path}:${process.env["PATH"] ?? ""}`,
      AZ_STUB: folder.path,
      FLEETQUAKE_RETRY_SECONDS: "0",
    },
    calls: () =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line): AzureCall => JSON.parse(line)),
    rules: () => JSON.parse(readFileSync(stateFile, "utf8")).rules,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
