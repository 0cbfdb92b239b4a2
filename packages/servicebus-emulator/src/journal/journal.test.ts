import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import rhea from "rhea";
import { expect, it } from "vitest";

import type { Change } from "../entities/change.ts";
import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { Journal, type JournalOptions } from "./journal.ts";

const queue: Change = {
  kind: "entity-set",
  entity: { id: 1, type: "queue", name: "q", createdAt: 1, updatedAt: 1, options: {} },
};

function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), "servicebus-journal-"));
}

function put(sequenceNumber: number, body = "x"): Change {
  const content = MessageContent.parse(rhea.message.encode({ message_id: "id", body }));
  const message = new EnqueuedMessage(content, { sequenceNumber, enqueuedAt: 5 });
  const limits = { ttlInMs: undefined, expiresAt: undefined, deadLetterSource: undefined };
  const queued = { message, ...limits, deliveryCount: 0, state: "active" as const };
  return { kind: "message-put", entity: 1, box: "none", queued };
}

function open(directory: string, options: Partial<JournalOptions> = {}): Journal {
  const journal = new Journal({
    directory,
    compactAboveInBytes: 1_000_000,
    warn: (text) => {
      throw new Error(text);
    },
    onRefusal: () => undefined,
    ...options,
  });
  journal.restored();
  return journal;
}

function numbersIn(journal: Journal): readonly number[] {
  return [...(journal.image.entities[0]?.messages.none.keys() ?? [])];
}

/** Notes the changes of one turn after the other, as a broker that is killed does: without closing. */
function written(turns: readonly (readonly Change[])[]): { directory: string; sizes: number[] } {
  const directory = newDirectory();
  const journal = open(directory);
  const sizes: number[] = [];
  for (const changes of turns) {
    for (const change of changes) {
      journal.note(change);
    }
    expect(journal.commit()).toBe(true);
    sizes.push(statSync(join(directory, "journal")).size);
  }
  const copy = newDirectory();
  writeFileSync(join(copy, "journal"), readFileSync(join(directory, "journal")));
  journal.close();
  return { directory: copy, sizes };
}

it("brings back what was committed, and nothing that was not", () => {
  const directory = newDirectory();
  const journal = open(directory);
  journal.note(queue);
  journal.note(put(1));
  expect(journal.commit()).toBe(true);
  journal.note(put(2));
  const copy = newDirectory();
  writeFileSync(join(copy, "journal"), readFileSync(join(directory, "journal")));
  journal.close();
  const again = open(copy);
  expect(numbersIn(again)).toEqual([1]);
  again.close();
  // Closing commits.
  const closed = open(directory);
  expect(numbersIn(closed)).toEqual([1, 2]);
  closed.close();
});

it("drops a torn last turn wherever it was torn, says so, and keeps all turns before it", () => {
  const { directory, sizes } = written([
    [queue, put(1)],
    [put(2), put(3)],
  ]);
  const bytes = readFileSync(join(directory, "journal"));
  const [before = 0, after = 0] = sizes;
  expect(after).toBe(bytes.length);
  for (let end = before; end < after; end += 1) {
    const torn = newDirectory();
    writeFileSync(join(torn, "journal"), bytes.subarray(0, end));
    const warnings: string[] = [];
    const journal = open(torn, { warn: (text) => warnings.push(text) });
    expect(numbersIn(journal)).toEqual([1]);
    expect(warnings.map((text) => text.includes(`The last ${end - before} bytes`))).toEqual(
      end === before ? [] : [true],
    );
    journal.close();
  }
});

it("drops a last turn whose bytes are not those that were written", () => {
  const { directory, sizes } = written([[queue, put(1)], [put(2)]]);
  const path = join(directory, "journal");
  const bytes = readFileSync(path);
  bytes.fill(0, (sizes[0] ?? 0) + 20);
  writeFileSync(path, bytes);
  const warnings: string[] = [];
  const journal = open(directory, { warn: (text) => warnings.push(text) });
  expect(numbersIn(journal)).toEqual([1]);
  expect(warnings).toHaveLength(1);
  journal.close();
});

it("refuses a journal that is damaged before its last turn, wherever that is, and leaves it as it is", () => {
  const { directory, sizes } = written([[queue, put(1)], [put(2)], [put(3)]]);
  const path = join(directory, "journal");
  const whole = readFileSync(path);
  const [, second = 0] = sizes;
  for (let at = 0; at < second; at += 1) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
    writeFileSync(path, damaged);
    expect(() => open(directory), `byte ${at}`).toThrow(/cannot be used/u);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  }
});

it("refuses a journal that ends within its snapshot, which was whole when it got its name", () => {
  const { directory, sizes } = written([[queue, put(1)]]);
  open(directory).close();
  const path = join(directory, "journal");
  const bytes = readFileSync(path);
  expect(sizes[0]).toBeGreaterThan(0);
  writeFileSync(path, bytes.subarray(0, bytes.length - 1));
  expect(() => open(directory)).toThrow(/damaged at byte \d+ of \d+/u);
});

it("writes a journal anew above its bound, without what is over, and goes on in it", () => {
  const directory = newDirectory();
  const journal = open(directory, { compactAboveInBytes: 10_000 });
  journal.note(queue);
  let largest = 0;
  for (let number = 1; number <= 200; number += 1) {
    journal.note(put(number, "x".repeat(1000)));
    if (number > 3) {
      journal.note({ kind: "message-removed", entity: 1, box: "none", sequenceNumber: number - 3 });
    }
    journal.commit();
    largest = Math.max(largest, statSync(join(directory, "journal")).size);
  }
  expect(largest).toBeLessThan(12_000);
  journal.close();
  const again = open(directory);
  expect(numbersIn(again)).toEqual([198, 199, 200]);
  expect(again.image.entities[0]?.numbers.last).toBe(200);
  again.close();
});

it("starts beside a next journal that was never finished, and takes it away", () => {
  const { directory } = written([[queue, put(1)]]);
  writeFileSync(join(directory, "journal.new"), "servicebus-emulator journal 1 half a li");
  const journal = open(directory);
  expect(numbersIn(journal)).toEqual([1]);
  expect(readdirSync(directory).some((name) => name === "journal.new")).toBe(false);
  journal.close();
  const empty = newDirectory();
  writeFileSync(join(empty, "journal.new"), "servicebus");
  open(empty).close();
});

it("refuses another version, a file that is no journal, and a directory of somebody else", () => {
  const directory = newDirectory();
  writeFileSync(join(directory, "journal"), `servicebus-emulator journal 2 ${"0".repeat(16)}\n`);
  expect(() => open(directory)).toThrow("version 2 of the format; this broker reads version 1");
  writeFileSync(join(directory, "journal"), "diary\n");
  expect(() => open(directory)).toThrow("It is no journal of this broker.");
  const foreign = newDirectory();
  writeFileSync(join(foreign, "thesis.txt"), "text");
  expect(() => open(foreign)).toThrow("It holds 'thesis.txt' and no journal");
  expect(readdirSync(foreign)).toEqual(["thesis.txt"]);
  expect(() => open(join(foreign, "thesis.txt"))).toThrow(/cannot be used\. EEXIST/u);
});

it("belongs to one broker at a time, also within one process, and takes over from a dead one", () => {
  const parent = newDirectory();
  const directory = join(parent, "made", "for", "it");
  const first = open(directory);
  expect(() => open(directory)).toThrow(`The process ${process.pid} uses it`);
  first.close();
  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const stale of [
    `lock-${pid}-running-0123456789abcdef`,
    `lock-${process.pid}-0000aaaax1-0123456789abcdef`,
  ]) {
    writeFileSync(join(directory, stale), "");
  }
  const second = open(directory);
  expect(readdirSync(directory).filter((name) => name.startsWith("lock-"))).toHaveLength(1);
  second.close();
  expect(readdirSync(directory)).toEqual(["journal"]);
});

it("keeps the journal readable by its owner only", () => {
  const directory = join(newDirectory(), "data");
  open(directory).close();
  expect(statSync(directory).mode & 0o077).toBe(0);
  expect(statSync(join(directory, "journal")).mode & 0o077).toBe(0);
});

it("leaves nothing behind when it cannot start", () => {
  const directory = newDirectory();
  mkdirSync(join(directory, "journal"));
  expect(() => open(directory)).toThrow(/cannot be used/u);
  expect(readdirSync(directory)).toEqual(["journal"]);
});
