import { nastyText } from "../fuzz/nasty-values.ts";
import type { Random } from "../fuzz/random.ts";
import { type AmqpNode, writeNode } from "./amqp-tree.ts";

/** Fixed values at or beyond some edge: type code and body. */
const EDGES = [
  "40",
  "41",
  "42",
  "43",
  "44",
  "45",
  "56ff",
  "5000",
  "50ff",
  "5180",
  "60ffff",
  "618000",
  "70ffffffff",
  "707fffffff",
  "7080000000",
  "7180000000",
  "727fc00000",
  "72ff800000",
  "740010ffff",
  "80ffffffffffffffff",
  "808000000000000000",
  "800020000000000001",
  "818000000000000000",
  "817fffffffffffffff",
  "827ff8000000000000",
  "827ff0000000000000",
  "82c24bc16d674ec800",
  "82ffefffffffffffff",
  "838000000000000000",
  "837fffffffffffffff",
  "8300084e3e7d2c8001",
  "8300000000ffffffff",
  "84ffffffffffffffff",
  "94ffffffffffffffffffffffffffffffff",
  "9800000000000000000000000000000000",
  "a000",
  "a100",
  "a300",
  "b000000000",
  "b1ffffffff",
  "b17fffffff41",
  "e00100",
  "e00501a14161",
  "f000000005ffffffff40",
  "f00000000500000100c0",
  "d0ffffffffffffffff",
  "d000000004ffffffff",
  "c0ff01",
  "c10101",
  "3f",
  "ff",
  "0040",
  "000000",
] as const;

const NAMES = [
  "com.microsoft:session-filter",
  "com.microsoft:timeout",
  "com.microsoft:renew-lock",
  "x-opt-scheduled-enqueue-time",
  "x-opt-locked-until",
  "amqp:application-properties:map",
  "$cbs",
  "$management",
  "fuzz/$management",
  "fuzz/$DeadLetterQueue/$management",
  "fuzz/$Transfer/$DeadLetterQueue",
  "fuzz-topic/Subscriptions/fuzz-all/$management",
  "Subscriptions",
  "sb://",
  "put-token",
  "1=1 OR (",
] as const;

/** An AMQP value that has broken programs before, or is none. */
export function nastyNode(random: Random, depth = 0): AmqpNode {
  return random.weighted<() => AmqpNode>([
    [8, () => plain(Buffer.from(random.pick(EDGES), "hex"))],
    [4, () => text(random.pick([0xa1, 0xa3, 0xb1, 0xb3]), nastyText(random))],
    [3, () => text(random.pick([0xa1, 0xb3]), random.pick(NAMES))],
    [2, () => text(0xb0, "\u0000".repeat(random.between(0, 3_000)))],
    [1, () => text(random.pick([0xb0, 0xb1]), "x".repeat(random.between(10_000, 66_000)))],
    [1, () => nested(random)],
    [1, () => wide(random)],
    [1, () => plain(Buffer.concat([Buffer.from([0xf0]), garbage(random, 40)]))],
    [2, () => plain(garbage(random, 20))],
    [depth > 2 ? 0 : 4, () => compound(random, depth)],
  ])();
}

/** A few arbitrary bytes. */
export function garbage(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.between(1, most) }, () => random.between(0, 255)));
}

function plain(bytes: Buffer): AmqpNode {
  return { kind: "plain", bytes };
}

function text(code: number, value: string): AmqpNode {
  const body = Buffer.from(value, "utf8");
  if (code >= 0xb0 || body.length > 255) {
    const head = Buffer.alloc(5);
    head.writeUInt8(code | 0x10, 0);
    head.writeUInt32BE(body.length, 1);
    return plain(Buffer.concat([head, body]));
  }
  return plain(Buffer.concat([Buffer.from([code, body.length]), body]));
}

function compound(random: Random, depth: number): AmqpNode {
  const kind = random.pick(["list", "map", "described"] as const);
  if (kind === "described") {
    const descriptor = random.chance(0.5)
      ? plain(Buffer.from([0x53, random.pick([0x10, 0x24, 0x25, 0x27, 0x28, 0x30, 0x34, 0x77])]))
      : nastyNode(random, depth + 1);
    return { kind, descriptor, value: nastyNode(random, depth + 1) };
  }
  const items = Array.from({ length: random.between(0, 6) }, () => nastyNode(random, depth + 1));
  return { kind, items };
}

/** A value in a value in a value, deeper than a stack that trusts it would like. */
function nested(random: Random): AmqpNode {
  const kind = random.pick(["list", "map", "described"] as const);
  const null_ = plain(Buffer.from([0x40]));
  if (kind === "described") {
    return plain(Buffer.alloc(random.between(30, 60_000)));
  }
  let node: AmqpNode = null_;
  for (let depth = random.between(20, 400); depth > 0; depth -= 1) {
    node = plain(writeNode({ kind, items: kind === "map" ? [null_, node] : [node] }));
  }
  return node;
}

/** Thousands of small items. */
function wide(random: Random): AmqpNode {
  const item = plain(
    Buffer.from(random.pick(["40", "5201", "45", "a10161", "83ffffffffffffffff"]), "hex"),
  );
  const length = random.between(1_000, 6_000);
  return { kind: random.pick(["list", "map"]), items: Array.from({ length }, () => item) };
}
