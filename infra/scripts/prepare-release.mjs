// Makes the packages that users install ready to be published, and prints their folders, dependencies first:
//   node infra/scripts/prepare-release.mjs --tag v1.2.3 --repository owner/name [--root folder]
// Each gets the LICENSE, and the repository that provenance is checked against; both are known only where it is released.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./prepare.mjs";

try {
  const { values } = parseArgs({
    options: {
      tag: { type: "string" },
      repository: { type: "string" },
      root: { type: "string", default: ROOT },
    },
  });
  const packages = readPublished(values.root);
  const mistakes = findMistakes(packages, values);
  if (mistakes.length > 0) {
    throw new Error(mistakes.join("\n"));
  }
  for (const folder of inOrder(packages)) {
    complete(folder, values);
    console.log(folder);
  }
} catch (error) {
  console.error(`prepare-release: ${error.message}`);
  process.exitCode = 1;
}

/** The packages that are not private, by name. */
function readPublished(root) {
  const published = new Map();
  for (const group of ["packages", "apps"].filter((name) => existsSync(join(root, name)))) {
    for (const name of readdirSync(join(root, group))) {
      const folder = `${group}/${name}`;
      const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      if (manifest.private !== true) {
        published.set(manifest.name, { folder, manifest });
      }
    }
  }
  return published;
}

function ownDependencies({ dependencies = {} }) {
  return Object.entries(dependencies).filter(([name]) => name.startsWith("@fleetquake/"));
}

function findMistakes(packages, { tag, repository }) {
  const mistakes = [];
  if (!/^v\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/i.test(tag ?? "")) {
    mistakes.push("--tag must be a version such as v1.2.3");
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? "")) {
    mistakes.push("--repository must be owner/name");
  }
  for (const [name, { manifest }] of packages) {
    if (`v${manifest.version}` !== tag) {
      mistakes.push(`${name} has version ${manifest.version}, the tag is ${tag}`);
    }
    for (const [dependency, version] of ownDependencies(manifest)) {
      const target = packages.get(dependency)?.manifest;
      if (target === undefined) {
        mistakes.push(`${name} needs ${dependency}, which is private`);
      } else if (target.version !== version) {
        mistakes.push(
          `${name} needs ${dependency} ${version}, which has version ${target.version}`,
        );
      }
    }
  }
  return mistakes;
}

/** The folders, each after those of its dependencies. */
function inOrder(packages) {
  const folders = new Set();
  const add = (name) => {
    const { folder, manifest } = packages.get(name);
    ownDependencies(manifest).forEach(([dependency]) => add(dependency));
    folders.add(folder);
  };
  [...packages.keys()].forEach(add);
  return folders;
}

function complete(folder, { root, repository }) {
  const path = join(root, folder, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.repository = {
    type: "git",
    url: `git+https://github.com/${repository}.git`,
    directory: folder,
  };
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE"));
}
