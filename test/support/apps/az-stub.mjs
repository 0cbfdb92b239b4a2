#!/usr/bin/env node
// Stands in for `az` on the PATH of a script under test. It keeps Azure's side in $AZ_STUB/state.json, appends every call to
// $AZ_STUB/calls.jsonl, and answers with documents shaped like Azure's, to which --query (JMESPath) and --output are really
// applied. `state.failures` says how often a command fails first.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import jmespath from "jmespath";

const folder = process.env["AZ_STUB"];
const stateFile = join(folder, "state.json");
const parameters = process.argv.slice(2);
const firstOption = parameters.findIndex((word) => word.startsWith("--"));
const command = parameters.slice(0, firstOption).join(" ");
const options = readOptions(parameters.slice(firstOption));
const state = JSON.parse(readFileSync(stateFile, "utf8"));

appendFileSync(join(folder, "calls.jsonl"), `${JSON.stringify({ command, options })}\n`);

const COMMANDS = {
  "network nsg rule list": () => state.rules,
  "network nsg rule show": () => state.rules.find(({ name }) => name === options.name),
  "network nsg rule create": () => {
    state.rules.push({
      name: options.name,
      priority: Number(options.priority),
      access: options.access,
      direction: options.direction,
      description: options.description,
      provisioningState: "Succeeded",
    });
    return state.rules.at(-1);
  },
  "network nsg rule delete": () => {
    state.rules = state.rules.filter(({ name }) => name !== options.name);
    return null;
  },
  "containerapp show": () => state.app,
  "containerapp update": () => {
    const { properties } = state.app;
    properties.template.containers[0].image = options.image;
    properties.latestRevisionName = `${options.name}--${options["revision-suffix"]}`;
    if (state.pushedImages.includes(options.image)) {
      properties.latestReadyRevisionName = properties.latestRevisionName;
    }
    return state.app;
  },
  "containerapp revision show": () => ({
    properties: { runningState: "Failed", healthState: "Unhealthy" },
  }),
};

function readOptions(words) {
  const read = {};
  let name = "";
  for (const word of words) {
    if (word.startsWith("--")) {
      name = word.slice(2);
      read[name] = "";
    } else {
      read[name] = read[name] === "" ? word : `${read[name]} ${word}`;
    }
  }
  return read;
}

/** As az prints --output tsv: one line for each element, tabs between those of a list, nothing for null. */
function toTsv(value) {
  const cell = (item) => (item === null || item === undefined ? "" : String(item));
  const rows = Array.isArray(value) ? value : [value];
  return rows.map((row) => `${(Array.isArray(row) ? row : [row]).map(cell).join("\t")}\n`).join("");
}

if (COMMANDS[command] === undefined) {
  process.stderr.write(`az-stub: unknown command ${command}\n`);
  process.exit(64);
}
if (state.failures?.[command] > 0) {
  state.failures[command] -= 1;
  writeFileSync(stateFile, JSON.stringify(state));
  process.stderr.write("ERROR: the service is not available\n");
  process.exit(1);
}
const answer = COMMANDS[command]();
writeFileSync(stateFile, JSON.stringify(state));
const result =
  options.query === undefined ? answer : jmespath.search(answer ?? null, options.query);
if (options.output !== "none") {
  process.stdout.write(options.output === "tsv" ? toTsv(result) : `${JSON.stringify(result)}\n`);
}
