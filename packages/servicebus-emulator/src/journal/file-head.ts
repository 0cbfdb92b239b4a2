import { randomBytes } from "node:crypto";

import { markerSize } from "./frame.ts";

/** The version of the journal's format that this broker writes, and the only one that it reads. */
const formatVersion = 1;

const name = "servicebus-emulator journal";
const pattern = new RegExp(
  `^${name} (?<version>\\d+) (?<marker>[0-9a-f]{${2 * markerSize}})\\n$`,
  "u",
);

/** The first line of a journal: its name, the version of its format, and the marker of its frames. */
export interface FileHead {
  readonly bytes: Buffer;
  readonly marker: Buffer;
}

/** No line that names a version has more bytes. */
export const longestHead = 64;

/** Makes the first line of a new journal. */
export function newFileHead(): FileHead {
  const marker = randomBytes(markerSize);
  const line = `${name} ${formatVersion} ${marker.toString("hex")}\n`;
  return { bytes: Buffer.from(line, "latin1"), marker };
}

/** Reads the first line of a journal. @throws Error when it is none, or one of another version. */
export function readFileHead(start: Buffer): FileHead {
  const bytes = start.subarray(0, start.indexOf("\n") + 1);
  const groups = pattern.exec(bytes.toString("latin1"))?.groups;
  const version = /^servicebus-emulator journal (?<version>\d+)\b/u.exec(start.toString("latin1"))
    ?.groups?.["version"];
  if (version === undefined) {
    throw new Error("It is no journal of this broker.");
  }
  if (Number(version) !== formatVersion) {
    throw new Error(
      `It has version ${version} of the format; this broker reads version ${formatVersion}, and no other.`,
    );
  }
  if (groups === undefined) {
    throw new Error("Its first line is damaged.");
  }
  return { bytes, marker: Buffer.from(groups["marker"] ?? "", "hex") };
}
