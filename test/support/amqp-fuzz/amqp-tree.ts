/** An encoded AMQP value, taken apart as far as a fuzzer wants to change it. */
export type AmqpNode =
  /** Anything without parts, with its type code and all its bytes. */
  | { readonly kind: "plain"; readonly bytes: Buffer }
  | { readonly kind: "list" | "map"; readonly items: readonly AmqpNode[] }
  | { readonly kind: "described"; readonly descriptor: AmqpNode; readonly value: AmqpNode };

/** Widths of fixed values by the upper half of their type code (AMQP 1.0 part 1.2). */
const FIXED_WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };

/** Takes the values apart that stand one after the other in `bytes`. @throws RangeError when they are none. */
export function readNodes(bytes: Buffer): readonly AmqpNode[] {
  const nodes: AmqpNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readNode(bytes, at);
    nodes.push(read.node);
    at = read.end;
  }
  return nodes;
}

interface ReadNode {
  readonly node: AmqpNode;
  readonly end: number;
}

/** Takes the value apart that starts at `at`. @throws RangeError when it is none. */
export function readNode(bytes: Buffer, at: number): ReadNode {
  const code = bytes.readUInt8(at);
  if (code === 0) {
    const descriptor = readNode(bytes, at + 1);
    const value = readNode(bytes, descriptor.end);
    const node: AmqpNode = {
      kind: "described",
      descriptor: descriptor.node,
      value: value.node,
    };
    return { node, end: value.end };
  }
  const end = endOf(bytes, at);
  if (end > bytes.length) {
    throw new RangeError("a value is longer than its frame");
  }
  const isShort = code === 0xc0 || code === 0xc1;
  if (isShort || code === 0xd0 || code === 0xd1) {
    const items = readNodes(bytes.subarray(at + (isShort ? 3 : 9), end));
    return { node: { kind: (code & 1) === 0 ? "list" : "map", items }, end };
  }
  return { node: { kind: "plain", bytes: bytes.subarray(at, end) }, end };
}

function endOf(bytes: Buffer, at: number): number {
  const upper = bytes.readUInt8(at) >>> 4;
  const width = FIXED_WIDTHS[upper];
  if (width !== undefined) {
    return at + 1 + width;
  }
  // The upper halves with an even number have a size of one byte, the others of four.
  return upper % 2 === 0 ? at + 2 + bytes.readUInt8(at + 1) : at + 5 + bytes.readUInt32BE(at + 1);
}

/** Encodes a value; sizes are right again, whatever was changed in it. */
export function writeNode(node: AmqpNode): Buffer {
  switch (node.kind) {
    case "plain":
      return node.bytes;
    case "described":
      return Buffer.concat([Buffer.from([0]), writeNode(node.descriptor), writeNode(node.value)]);
    case "list":
    case "map":
      return writeCompound(node.kind === "list" ? 0xd0 : 0xd1, node.items);
  }
}

function writeCompound(code: number, items: readonly AmqpNode[]): Buffer {
  const body = Buffer.concat(items.map(writeNode));
  const head = Buffer.alloc(9);
  head.writeUInt8(code, 0);
  head.writeUInt32BE(body.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, body]);
}

/** How many values there are in a value, itself included. */
export function countNodes(node: AmqpNode): number {
  return 1 + partsOf(node).reduce((sum, part) => sum + countNodes(part), 0);
}

/** The same value with the one replaced that is number `index`, counted from the outside in. */
export function replaceNode(
  node: AmqpNode,
  index: number,
  change: (old: AmqpNode) => AmqpNode,
): AmqpNode {
  if (index === 0) {
    return change(node);
  }
  let rest = index - 1;
  const parts = partsOf(node).map((part) => {
    const count = countNodes(part);
    const replaced = rest >= 0 && rest < count ? replaceNode(part, rest, change) : part;
    rest -= count;
    return replaced;
  });
  return withParts(node, parts);
}

function partsOf(node: AmqpNode): readonly AmqpNode[] {
  switch (node.kind) {
    case "plain":
      return [];
    case "described":
      return [node.descriptor, node.value];
    case "list":
    case "map":
      return node.items;
  }
}

function withParts(node: AmqpNode, parts: readonly AmqpNode[]): AmqpNode {
  switch (node.kind) {
    case "plain":
      return node;
    case "described": {
      const [descriptor = node.descriptor, value = node.value] = parts;
      return { kind: "described", descriptor, value };
    }
    case "list":
    case "map":
      return { kind: node.kind, items: parts };
  }
}
