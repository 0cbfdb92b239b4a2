import { describe, expect, it } from "vitest";
import { startsLikeRedis } from "./sniff-connection.ts";

describe("startsLikeRedis", () => {
  it.each(["*1\r\n$4\r\nPING\r\n", "*3\r\n$3\r\n", "*", "*1", "*12\r", "*2\r\n", "*2\r\n$"])(
    "takes %j for the start of a request",
    (bytes) => {
      expect(startsLikeRedis(bytes)).toBe(true);
      expect(startsLikeRedis(Buffer.from(bytes))).toBe(true);
    },
  );

  it.each([
    ["HTTP", "GET / HTTP/1.1\r\n"],
    ["a ClientHello", "\u0016\u0003\u0001"],
    // Lengths in little endian: a message of 42 bytes begins with 0x2a.
    ["MongoDB", Buffer.from([0x2a, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 0x07])],
    ["MySQL", Buffer.from([0x2a, 0, 0, 1, 0x85, 0xa6, 0x3f, 0x20])],
    ["a list", "* item\n"],
  ])("does not take %s for one", (_name, bytes) => {
    expect(startsLikeRedis(bytes)).toBe(false);
  });
});
