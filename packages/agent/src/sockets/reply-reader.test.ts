import { describe, expect, it } from "vitest";
import { ReplyReader, type ReplyType } from "./reply-reader.ts";

function read(chunks: readonly Buffer[]): {
  readonly replies: ReplyType[];
  readonly isLost: boolean;
} {
  const replies: ReplyType[] = [];
  const reader = new ReplyReader((type) => replies.push(type));
  for (const chunk of chunks) {
    reader.feed(chunk);
  }
  return { replies, isLost: reader.isLost };
}

const EXAMPLES: readonly (readonly [string, string, ReplyType])[] = [
  ["a simple string", "+OK\r\n", "value"],
  ["an error", "-NOPERM no\r\n", "error"],
  ["a number", ":42\r\n", "value"],
  ["a bulk string with line ends", "$6\r\na\r\nb\r\n\r\n", "value"],
  ["an empty bulk string", "$0\r\n\r\n", "value"],
  ["null in RESP2", "$-1\r\n", "value"],
  ["a null array", "*-1\r\n", "value"],
  ["an empty array", "*0\r\n", "value"],
  ["nested arrays", "*2\r\n*2\r\n:1\r\n*0\r\n$1\r\nx\r\n", "value"],
  ["an error inside an array", "*2\r\n+OK\r\n-ERR no\r\n", "value"],
  ["a map", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", "value"],
  ["a set", "~2\r\n:1\r\n:2\r\n", "value"],
  ["a verbatim string", "=7\r\ntxt:abc\r\n", "value"],
  ["a bulk error", "!5\r\nERR x\r\n", "error"],
  ["null, boolean, double, big number", "*4\r\n_\r\n#t\r\n,1.5\r\n(9\r\n", "value"],
  ["a push", ">2\r\n+message\r\n$1\r\nx\r\n", "push"],
];

describe("ReplyReader", () => {
  it.each(EXAMPLES)("counts %s as one reply", (_name, bytes, type) => {
    expect(read([Buffer.from(bytes)])).toEqual({ replies: [type], isLost: false });
  });

  it("counts the same wherever the chunks end", () => {
    const stream = Buffer.from(EXAMPLES.map(([, bytes]) => bytes).join(""));
    const types = EXAMPLES.map(([, , type]) => type);
    for (let size = 1; size < 20; size += 1) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) {
        chunks.push(stream.subarray(at, at + size));
      }
      expect(read(chunks).replies).toEqual(types);
    }
  });

  it.each(["HTTP/1.1 200\r\n", "$x\r\n", "|1\r\n+a\r\n+b\r\n"])("is lost after %j", (bytes) => {
    expect(read([Buffer.from(bytes)]).isLost).toBe(true);
  });
});
