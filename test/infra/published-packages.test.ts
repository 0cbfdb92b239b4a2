import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

// Below the repository, so that what the packages need of others is found in its node_modules, and ours in the packs.
let folder = "";
const packs = new Map<string, Pack>();

beforeAll(async () => {
  await mkdir(repositoryPath(".cache"), { recursive: true });
  folder = await mkdtemp(repositoryPath(".cache/packs-"));
  for (const published of PUBLISHED) {
    packs.set(published, await pack(published, folder));
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function packOf(published: string): Pack {
  const made = packs.get(published);
  if (made === undefined) {
    throw new Error(`${published} was not packed`);
  }
  return made;
}

describe("the packages that users install", () => {
  it.each(PUBLISHED)("%s is without fault for publint", async (published) => {
    const tarball = new Uint8Array(await readFile(join(folder, packOf(published).filename))).buffer;
    const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it.each(PUBLISHED)("%s packs what is needed and nothing else", (published) => {
    const paths = packOf(published).files.map(({ path }) => path);
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
    for (const published of PUBLISHED) {
      const target = join(folder, "node_modules/@fleetquake", basename(published));
      await mkdir(target, { recursive: true });
      const archive = join(folder, packOf(published).filename);
      const tar = ["-xzf", archive, "-C", target, "--strip-components=1"];
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
    for (const published of PUBLISHED) {
      await mkdir(join(root.path, published), { recursive: true });
      const text = repositoryFile(`${published}/package.json`);
      const isChanged = published === "packages/coordinator";
      await writeFile(join(root.path, published, "package.json"), isChanged ? change(text) : text);
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
