import type { Random } from "../fuzz/random.ts";
import { type AmqpNode, countNodes, replaceNode } from "./amqp-tree.ts";
import { garbage, nastyNode } from "./nasty-node.ts";
import { type WireUnit, writeWireUnit } from "./wire-unit.ts";

/** What one connection sends. */
export interface MutatedConversation {
  readonly bytes: Buffer;
  /** Where the bytes are cut into separate writes, in order. */
  readonly cuts: readonly number[];
}

type Units = readonly WireUnit[];

/**
 * Changes a conversation in one to three ways; `others` are where strange frames come from. Mostly one: what is wrong
 * twice is refused for the first.
 */
export function mutateConversation(
  conversation: Units,
  others: readonly Units[],
  random: Random,
): MutatedConversation {
  let units: Units = conversation;
  let change = (bytes: Buffer): Buffer => bytes;
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times -= 1) {
    if (random.chance(0.75)) {
      units = random.weighted<() => Units>([
        [3, () => withChangedFrame(units, random)],
        [6, () => withChangedMessage(units, random)],
        [2, () => withRepeat(units, random)],
        [2, () => withSwap(units, random)],
        [1, () => withoutOne(units, random)],
        [2, () => withStrangeFrame(units, random.pick(others), random)],
        [1, () => withChangedHead(units, random)],
      ])();
    } else {
      const changeBytes = random.pick(BYTE_CHANGES);
      change = (bytes) => changeBytes(bytes, random);
    }
  }
  const target = random.between(0, units.length - 1);
  const pieces = units.map((unit, index) =>
    index === target ? change(writeWireUnit(unit)) : writeWireUnit(unit),
  );
  const whole = Buffer.concat(pieces);
  const bytes = random.chance(0.1) ? whole.subarray(0, random.between(1, whole.length)) : whole;
  return { bytes, cuts: random.chance(0.1) ? cutsOf(bytes, random) : [] };
}

/** Changes of one encoded frame, its length field included. */
const BYTE_CHANGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  flipBits,
  flipBits,
  (bytes, random) => bytes.subarray(0, random.between(0, bytes.length)),
  (bytes, random) => Buffer.concat([bytes, garbage(random, 30)]),
  (bytes, random) => withLength(bytes, random.pick([0, 1, 7, 8, 9, 65_536, 65_537, 0xffff_ffff])),
  (bytes, random) => withLength(bytes, Math.max(0, bytes.length + random.between(-4, 4))),
  (bytes, random) => withByte(bytes, { at: 4, value: random.pick([0, 1, 3, 255]) }),
  (bytes, random) => withByte(bytes, { at: 5, value: random.pick([1, 2, 255]) }),
  (bytes, random) => {
    const at = random.between(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), garbage(random, 8), bytes.subarray(at)]);
  },
];

function flipBits(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  for (let count = random.between(1, 5); count > 0; count -= 1) {
    const at = random.between(0, bytes.length - 1);
    flipped.writeUInt8((flipped[at] ?? 0) ^ (1 << random.between(0, 7)), at);
  }
  return flipped;
}

function withLength(bytes: Buffer, length: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(length, 0);
  return changed;
}

function withByte(
  bytes: Buffer,
  { at, value }: { readonly at: number; readonly value: number },
): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(value, at);
  return changed;
}

/** One value of some frame becomes another one, is gone, or stands there twice. */
function withChangedFrame(units: Units, random: Random): Units {
  return withUnit(units, random, (unit) =>
    unit.kind === "header" || unit.performative === undefined
      ? unit
      : { ...unit, performative: changeInside(unit.performative, random) },
  );
}

/** The same with a value of some message: what `$cbs` and `$management` are asked, too, comes in messages. */
function withChangedMessage(units: Units, random: Random): Units {
  const messages = units.filter((unit) => unit.kind === "frame" && unit.payload.length > 0);
  if (messages.length === 0) {
    return withChangedFrame(units, random);
  }
  const target = random.pick(messages);
  return units.map((unit) => {
    if (unit !== target || unit.kind === "header") {
      return unit;
    }
    const chosen = random.between(0, unit.payload.length - 1);
    const payload = unit.payload.map((node, index) =>
      index === chosen ? changeInside(node, random) : node,
    );
    return { ...unit, payload };
  });
}

function changeInside(node: AmqpNode, random: Random): AmqpNode {
  return replaceNode(node, random.between(0, countNodes(node) - 1), (old) => {
    if (old.kind === "plain" || old.kind === "described" || random.chance(0.4)) {
      return nastyNode(random);
    }
    const at = random.between(0, old.items.length);
    const inserted = random.pick([[], [nastyNode(random)], old.items]);
    return {
      kind: old.kind,
      items: [...old.items.slice(0, at), ...inserted, ...old.items.slice(at + 1)],
    };
  });
}

function withChangedHead(units: Units, random: Random): Units {
  return withUnit(units, random, (unit) => {
    if (unit.kind === "header") {
      const bytes = flipBits(unit.bytes, random);
      return { kind: "header", bytes };
    }
    return random.chance(0.7)
      ? { ...unit, channel: random.pick([0, 1, 2, 4_999, 5_000, 65_535]) }
      : { ...unit, type: random.pick([0, 1, 2, 255]) };
  });
}

function withUnit(units: Units, random: Random, change: (unit: WireUnit) => WireUnit): Units {
  const target = random.between(0, units.length - 1);
  return units.map((unit, index) => (index === target ? change(unit) : unit));
}

function withRepeat(units: Units, random: Random): Units {
  const at = random.between(0, units.length - 1);
  const again = Array.from({ length: random.pick([1, 1, 2, 10, 100]) }, () => units[at]);
  return [...units.slice(0, at), ...again.filter((unit) => unit !== undefined), ...units.slice(at)];
}

function withSwap(units: Units, random: Random): Units {
  const [one, other] = [random.between(0, units.length - 1), random.between(0, units.length - 1)];
  return units.map((unit, index) => {
    const source = index === one ? other : index === other ? one : index;
    return units[source] ?? unit;
  });
}

function withoutOne(units: Units, random: Random): Units {
  const target = random.between(0, units.length - 1);
  return units.filter((_unit, index) => index !== target);
}

function withStrangeFrame(units: Units, others: Units, random: Random): Units {
  const at = random.between(1, units.length);
  return [...units.slice(0, at), random.pick(others), ...units.slice(at)];
}

function cutsOf(bytes: Buffer, random: Random): readonly number[] {
  const cuts = Array.from({ length: random.between(1, 4) }, () => random.between(0, bytes.length));
  return cuts.toSorted((one, other) => one - other);
}
