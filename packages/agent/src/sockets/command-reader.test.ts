import { describe, expect, it } from "vitest";
import { CommandReader } from "./command-reader.ts";
import type { WrittenCommand } from "./command-kind.ts";

function encode(...parts: readonly string[]): string {
  const bulk = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${bulk.join("")}`;
}

function read(chunks: readonly Buffer[]): {
  readonly commands: WrittenCommand[];
  readonly reader: CommandReader;
} {
  const commands: WrittenCommand[] = [];
  const reader = new CommandReader((command) => commands.push(command));
  for (const chunk of chunks) {
    reader.feed(chunk);
  }
  return { commands, reader };
}

describe("CommandReader", () => {
  const pipeline = Buffer.from(
    encode("hello", "3") + encode("SET", "key", "*1\r\n$4\r\nPING\r\n – ünï") + encode("Exec"),
  );

  it("names the commands of a pipeline and keeps none of their values", () => {
    expect(read([pipeline]).commands).toEqual([
      { name: "HELLO", args: [] },
      { name: "SET", args: [] },
      { name: "EXEC", args: [] },
    ]);
  });

  it("reads the same wherever the chunks end", () => {
    for (let size = 1; size < pipeline.length; size += 1) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < pipeline.length; at += size) {
        chunks.push(pipeline.subarray(at, at + size));
      }
      expect(read(chunks).commands.map(({ name }) => name)).toEqual(["HELLO", "SET", "EXEC"]);
    }
  });

  it("keeps the arguments that tell whether a stream is read blocking", () => {
    const command = encode(
      "xreadgroup",
      "group",
      "g",
      "c",
      "count",
      "1",
      "block",
      "0",
      "streams",
      "s",
      ">",
    );
    expect(read([Buffer.from(command)]).commands[0]?.args).toContain("BLOCK");
  });

  it.each(["PING\r\n", "*x\r\n", "*1\n", "*1\r\nfoo\r\n", `*${"1".repeat(40)}\r\n`])(
    "is lost after %j, and says so",
    (bytes) => {
      const { commands, reader } = read([Buffer.from(bytes), Buffer.from(encode("GET", "key"))]);
      expect(reader.isLost).toBe(true);
      expect(commands).toEqual([]);
    },
  );
});
