import { parseCommandMessage, parseFleetEvent, type CommandMessage } from "@fleetquake/contract";
import { describe, expect, it } from "vitest";
import { malformedBodies } from "./conformance/malformed-bodies.ts";
import { decodeMessage, encodeMessage, LARGEST_BODY_IN_BYTES } from "./message-body.ts";

const rollCall: CommandMessage = {
  schema: 1,
  type: "roll-call",
  issued_at: "2026-01-01T00:00:00.000Z",
  issuer: "api-1",
  heartbeat_interval_ms: 1_000,
  jitter_ms: 200,
};

describe("a message on the wire", () => {
  it("is JSON with its type as subject, and reads back as it was", () => {
    const encoded = encodeMessage(rollCall);
    expect(encoded).toMatchObject({ contentType: "application/json", subject: "roll-call" });
    expect(decodeMessage(encoded.body, parseCommandMessage)).toEqual({
      ok: true,
      message: rollCall,
    });
  });

  it("carries a command's own id, so that a copy is known for one, and a new id otherwise", () => {
    const command: CommandMessage = {
      schema: 1,
      type: "command",
      command_id: "01K9",
      fault: "redis-reset",
      action: "inject",
      parameters: { force: true, drain_timeout_ms: 5_000 },
      target: {},
      epoch: 1,
      issued_at: "2026-01-01T00:00:00.000Z",
      expires_at: "2026-01-01T00:00:05.000Z",
      issuer: "api-1",
    };
    expect(encodeMessage(command).messageId).toBe("01K9");
    expect(encodeMessage(rollCall).messageId).not.toBe(encodeMessage(rollCall).messageId);
  });
});

describe("a received body", () => {
  const asBytes = (body: unknown): Buffer =>
    Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));

  it.each(malformedBodies())("that is $what is dropped with a reason", ({ body }) => {
    for (const parse of [parseCommandMessage, parseFleetEvent]) {
      expect(decodeMessage<unknown>(asBytes(body), parse)).toEqual({
        ok: false,
        reason: expect.stringMatching(/./),
      });
    }
  });

  it("comes in 200 malformed kinds here", () => {
    expect(new Set(malformedBodies().map(({ what }) => what)).size).toBe(200);
  });

  it.each([["a string"], [{ schema: 1 }], [[Buffer.from("{}")]], [undefined], [null], [7]])(
    "that came in another AMQP section (%j) is dropped",
    (body) => {
      expect(decodeMessage(body, parseFleetEvent).ok).toBe(false);
    },
  );

  it("that is larger than any broker would let through is dropped unread", () => {
    const body = Buffer.alloc(LARGEST_BODY_IN_BYTES + 1, "x");
    expect(decodeMessage(body, parseFleetEvent)).toEqual({
      ok: false,
      reason: "the body is larger than 262144 bytes",
    });
  });

  it("never throws, even when the check does", () => {
    const fail = (): never => {
      throw new Error("no stack left");
    };
    expect(decodeMessage(Buffer.from("{}"), fail).ok).toBe(false);
  });
});
