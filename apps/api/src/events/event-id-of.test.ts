import { describe, expect, it } from "vitest";
import { eventIdOf } from "./event-id-of.ts";

const bye = { schema: 1, type: "bye", replica_id: "r", instance_id: "i" } as const;

describe("an event's id", () => {
  it("is its message's", () => {
    expect(eventIdOf("2b7f8f5e-1a2b-4c3d-9e8f-001122334455", bye)).toBe(
      "2b7f8f5e-1a2b-4c3d-9e8f-001122334455",
    );
  });

  it.each(["", "a\nevent: forged", "a\r\nb", "x".repeat(129), "a b"])(
    "is a digest, the same for the same event, where the message's is %j",
    (messageId) => {
      const id = eventIdOf(messageId, bye);
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(eventIdOf(messageId, { ...bye })).toBe(id);
      expect(eventIdOf(messageId, { ...bye, replica_id: "other" })).not.toBe(id);
    },
  );
});
