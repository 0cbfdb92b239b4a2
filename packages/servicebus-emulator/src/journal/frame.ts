import { crc32 } from "node:zlib";

/** Bytes that begin each frame of one file, and hardly anything else: random for each file. */
export const markerSize = 8;

/** A frame's marker, the size of its payload, and the payload's checksum. */
export const frameHeadSize = markerSize + 8;

/** What the head of a frame says of its payload. */
export interface FrameHead {
  readonly size: number;
  readonly checksum: number;
}

/** Writes the changes of one turn as one frame: it is there as a whole, or not at all. */
export function encodeFrame(marker: Buffer, changes: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(changes);
  const head = Buffer.alloc(frameHeadSize);
  marker.copy(head);
  head.writeUInt32BE(payload.length, markerSize);
  head.writeUInt32BE(crc32(payload), markerSize + 4);
  return Buffer.concat([head, payload]);
}

/** Reads the head of a frame; undefined when it is none. */
export function readFrameHead(marker: Buffer, head: Buffer): FrameHead | undefined {
  return head.length === frameHeadSize && head.subarray(0, markerSize).equals(marker)
    ? { size: head.readUInt32BE(markerSize), checksum: head.readUInt32BE(markerSize + 4) }
    : undefined;
}

/** True when a payload is what its head says. */
export function isWhole({ size, checksum }: FrameHead, payload: Buffer): boolean {
  return payload.length === size && crc32(payload) === checksum;
}
