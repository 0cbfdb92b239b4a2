import { expect, it } from "vitest";

import { emptyFrame, encodeFrame, frameType, parseFrame, performative } from "./frame.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { stringValue } from "./encode-value.ts";

const header = Buffer.from("AMQP0100");
const frame = encodeFrame({ type: frameType.amqp, channel: 3, code: performative.open }, [
  stringValue("x"),
]);

it("cuts headers and frames from bytes that come in any pieces", () => {
  const stream = Buffer.concat([header, frame, emptyFrame, frame]);
  for (let size = 1; size < stream.length; size += 1) {
    const splitter = new FrameSplitter();
    const pieces: Buffer[] = [];
    for (let start = 0; start < stream.length; start += size) {
      splitter.push(stream.subarray(start, start + size));
      for (
        let piece = pieces.length === 0 ? splitter.nextHeader() : splitter.nextFrame();
        piece !== undefined;
        piece = splitter.nextFrame()
      ) {
        pieces.push(piece);
      }
    }
    expect(pieces).toEqual([header, frame, emptyFrame, frame]);
    expect(splitter.isEmpty).toBe(true);
  }
});

it("refuses a size as soon as it is there", () => {
  for (const size of [0, 7, 65_537, 0xffff_ffff]) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(size);
    const splitter = new FrameSplitter();
    splitter.push(bytes);
    expect(() => splitter.nextFrame()).toThrow(`${size} bytes`);
  }
});

it("reads channel, performative and payload of a frame", () => {
  const withPayload = Buffer.concat([frame, Buffer.from("payload")]);
  withPayload.writeUInt32BE(withPayload.length);
  expect(parseFrame(withPayload)).toEqual({
    type: 0,
    channel: 3,
    code: performative.open,
    fields: ["x"],
    payload: Buffer.from("payload"),
  });
});
