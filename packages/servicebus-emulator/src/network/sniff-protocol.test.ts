import { expect, it } from "vitest";

import { sniffProtocol } from "./sniff-protocol.ts";

it.each([
  ["AMQP\u0000\u0001\u0000\u0000", "amqp"],
  ["AMQP\u0003\u0001\u0000\u0000", "amqp"],
  ["", "undecided"],
  ["A", "undecided"],
  ["AMQ", "undecided"],
  ["GET / HTTP/1.1", "http"],
  ["PUT /q", "http"],
  ["DELETE /q", "http"],
  ["P", "http"],
  ["M-SEARCH * HTTP/1.1", "http"],
  ["-", "unknown"],
  ["AMPQ", "http"],
  ["\u0016\u0003\u0001", "unknown"],
  ["amqp", "unknown"],
])("takes %j for %s", (start, protocol) => {
  expect(sniffProtocol(Buffer.from(start, "latin1"))).toBe(protocol);
});
