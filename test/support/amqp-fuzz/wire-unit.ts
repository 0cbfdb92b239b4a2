import { type AmqpNode, readNode, readNodes, writeNode } from "./amqp-tree.ts";

/** A piece of what a client sends: a protocol header, or a frame taken apart. */
export type WireUnit =
  | { readonly kind: "header"; readonly bytes: Buffer }
  | {
      readonly kind: "frame";
      /** 0 AMQP, 1 SASL. */
      readonly type: number;
      readonly channel: number;
      /** Undefined for a heartbeat. */
      readonly performative: AmqpNode | undefined;
      /** The sections of a message, as far as they are whole; empty for most frames. */
      readonly payload: readonly AmqpNode[];
    };

const HEADER_LENGTH = 8;

/** Cuts what one connection has sent into its headers and frames. @throws RangeError when it is no AMQP. */
export function readWireUnits(bytes: Buffer): readonly WireUnit[] {
  const units: WireUnit[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isHeader = bytes.toString("latin1", at, at + 4) === "AMQP";
    const length = isHeader ? HEADER_LENGTH : bytes.readUInt32BE(at);
    const piece = bytes.subarray(at, at + length);
    units.push(isHeader ? { kind: "header", bytes: piece } : readFrame(piece));
    at += length;
  }
  return units;
}

function readFrame(bytes: Buffer): WireUnit {
  const bodyStart = bytes.readUInt8(4) * 4;
  const head = { type: bytes.readUInt8(5), channel: bytes.readUInt16BE(6) };
  if (bodyStart === bytes.length) {
    return { kind: "frame", ...head, performative: undefined, payload: [] };
  }
  const { node, end } = readNode(bytes, bodyStart);
  return { kind: "frame", ...head, performative: node, payload: readPayload(bytes.subarray(end)) };
}

/** A message in several transfers is cut anywhere, so that its parts are no values. */
function readPayload(bytes: Buffer): readonly AmqpNode[] {
  try {
    return readNodes(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    return [{ kind: "plain", bytes }];
  }
}

/** The bytes of a header or frame; its length is right. */
export function writeWireUnit(unit: WireUnit): Buffer {
  if (unit.kind === "header") {
    return unit.bytes;
  }
  const nodes = unit.performative === undefined ? [] : [unit.performative, ...unit.payload];
  const body = Buffer.concat(nodes.map(writeNode));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt8(2, 4);
  head.writeUInt8(unit.type, 5);
  head.writeUInt16BE(unit.channel, 6);
  return Buffer.concat([head, body]);
}
