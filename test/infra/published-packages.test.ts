import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, it } from "vitest";
import { repositoryFile, repositoryPath } from "../support/repository.ts";
import { runProgram, type ProgramResult } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Dependencies first, as they are published. */
const PUBLISHED = [
  "packages/contract",
  "packages/replica",
  "packages/coordinator",
  "packages/bus",
  "packages/agent",
  "packages/servicebus-emulator",
];

interface Pack {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Runs npm pack on a package, as npm publish would. */
async function pack(folder: string, destination: string): Promise<Pack> {
  const parameters = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const result = await runProgram("npm", [...parameters, repositoryPath(folder)]);
  const packs: readonly Pack[] | Readonly<Record<string, Pack>> = JSON.parse(result.stdout);
  const [made] = Object.values(packs);
  if (made === undefined) {
    throw new Error(`npm pack ${folder}: ${result.stderr}`);
  }
  return made;
}

describe("the packages that users install", () => {
  it.each(PUBLISHED)("%s is without fault for publint", async (folder) => {
    const { messages, pkg } = await publint({ pkgDir: repositoryPath(folder), strict: true });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it.each(PUBLISHED)("%s packs what is needed and nothing else", async (folder) => {
    await using destination = await temporaryFolder();
    const paths = (await pack(folder, destination.path)).files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["README.md", "package.json", "dist/index.js", "dist/index.d.ts"]),
    );
    const strange = paths.filter(
      (path) =>
        /\.test\.|tsbuildinfo/.test(path) ||
        !/^(dist\/|src\/|README\.md$|LICENSE$|package\.json$)/.test(path),
    );
    expect(strange).toEqual([]);
    // A map that leads nowhere is worse than none.
    const sources = new Set(paths.filter((path) => path.startsWith("src/")));
    const lost = paths
      .filter((path) => /^dist\/.*\.js$/.test(path))
      .filter((path) => !sources.has(path.replace(/^dist/, "src").replace(/\.js$/, ".ts")));
    expect(lost).toEqual([]);
  });

  it("work from their packs alone", async () => {
    // Below the repository, so that what they need of others is found in its node_modules; ours is found here first.
    await mkdir(repositoryPath(".cache"), { recursive: true });
    const folder = await mkdtemp(repositoryPath(".cache/packs-"));
    await using _cleanup = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    for (const published of PUBLISHED) {
      const target = join(folder, "node_modules/@fleetquake", basename(published));
      await mkdir(target, { recursive: true });
      const { filename } = await pack(published, folder);
      const tar = ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"];
      expect((await runProgram("tar", tar)).code).toBe(0);
    }
    const script = `
      const { startAgent } = await import("@fleetquake/agent");
      const emulator = await import("@fleetquake/servicebus-emulator");
      console.log(typeof startAgent, Object.keys(emulator).length > 0, import.meta.resolve("@fleetquake/bus"));`;
    await writeFile(join(folder, "app.mjs"), script);
    const result = await runProgram(process.execPath, [join(folder, "app.mjs")]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toMatch(/^function true file:.*packs-.*bus\/dist\/index\.js\n$/);
  });
});

describe("prepare-release.mjs", () => {
  /** A copy of the manifests, one of them changed. */
  async function prepare(
    change: (manifest: string) => string = (text) => text,
    more: readonly string[] = [],
  ): Promise<ProgramResult & { readonly agent: string }> {
    await using root = await temporaryFolder();
    await cp(repositoryPath("LICENSE"), join(root.path, "LICENSE"));
    for (const folder of PUBLISHED) {
      await mkdir(join(root.path, folder), { recursive: true });
      const text = repositoryFile(`${folder}/package.json`);
      const isChanged = folder === "packages/coordinator";
      await writeFile(join(root.path, folder, "package.json"), isChanged ? change(text) : text);
    }
    const script = repositoryPath("infra/scripts/prepare-release.mjs");
    const { version } = JSON.parse(repositoryFile("package.json"));
    const fixed = ["--root", root.path, "--tag", `v${version}`, "--repository", "owner/name"];
    const result = await runProgram(process.execPath, [script, ...fixed, ...more]);
    const agent = await readFile(join(root.path, "packages/agent/package.json"), "utf8");
    return { ...result, agent };
  }

  it("prints every package after its dependencies, and completes them", async () => {
    const result = await prepare();
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const folders = result.stdout.trim().split("\n");
    expect([...folders].sort()).toEqual([...PUBLISHED].sort());
    const positions = ["contract", "replica", "bus", "agent"].map((name) =>
      folders.indexOf(`packages/${name}`),
    );
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(JSON.parse(result.agent).repository).toEqual({
      type: "git",
      url: "git+https://github.com/owner/name.git",
      directory: "packages/agent",
    });
  });

  it.each([
    [
      "a private dependency",
      (text: string) => text.replace("{", '{"private": true,'),
      [],
      /coordinator, which is private/,
    ],
    [
      "another version",
      (text: string) => text.replace(/"version": "[^"]+"/, '"version": "9.9.9"'),
      [],
      /coordinator has version 9\.9\.9/,
    ],
    ["no version as its tag", undefined, ["--tag", "latest"], /--tag must be/],
    ["no repository", undefined, ["--repository", "https://x"], /--repository must be/],
  ])("refuses %s and changes nothing", async (_what, change, more, complaint) => {
    const result = await prepare(change, more);
    expect(result.code).toBe(1);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(complaint);
    expect(result.agent).not.toContain("repository");
  });
});
