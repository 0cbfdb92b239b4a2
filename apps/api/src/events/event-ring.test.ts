import { describe, expect, it } from "vitest";
import { EventRing, keptEvent, type KeptEvent } from "./event-ring.ts";

function event(id: string, sizeInBytes = 100): KeptEvent {
  const bye = { schema: 1, type: "bye", replica_id: id, instance_id: "i" } as const;
  return keptEvent(bye, id, { enqueuedAtInMs: 0, sizeInBytes });
}

function ringOf(...events: readonly KeptEvent[]): EventRing {
  const ring = new EventRing({ maxEvents: 3, maxBytes: 1_000 });
  events.forEach((kept) => ring.add(kept));
  return ring;
}

function idsAfter(ring: EventRing, id: string): readonly string[] | undefined {
  return ring.after(id)?.map((kept) => kept.id);
}

describe("the events that are kept for clients that come back", () => {
  it("gives what came after an event, in order, and nothing after the last", () => {
    const ring = ringOf(event("a"), event("b"), event("c"));
    expect(idsAfter(ring, "a")).toEqual(["b", "c"]);
    expect(idsAfter(ring, "c")).toEqual([]);
    expect(ring.lastId).toBe("c");
  });

  it("does not know what it never had, nor what had to go for newer events", () => {
    const ring = ringOf(event("a"), event("b"), event("c"), event("d"));
    expect(idsAfter(ring, "x")).toBeUndefined();
    expect(idsAfter(ring, "a")).toBeUndefined();
    expect(idsAfter(ring, "b")).toEqual(["c", "d"]);
  });

  it("keeps fewer events where they are large, and the last one however large it is", () => {
    const ring = ringOf(event("a", 600), event("b", 600));
    expect(idsAfter(ring, "a")).toBeUndefined();
    ring.add(event("c", 5_000));
    expect([idsAfter(ring, "b"), idsAfter(ring, "c")]).toEqual([undefined, []]);
  });

  it("keeps an event that the bus brings twice once", () => {
    const ring = ringOf(event("a"));
    expect(ring.add(event("a"))).toBe(false);
    ring.add(event("b"));
    expect(idsAfter(ring, "a")).toEqual(["b"]);
  });

  it("forgets all when events may have been missed", () => {
    const ring = ringOf(event("a"), event("b"));
    ring.clear();
    expect([idsAfter(ring, "a"), ring.lastId]).toEqual([undefined, null]);
  });

  it("writes an event as the standard says: id, name, one line of data, an empty line", () => {
    expect(event("a").text()).toBe(
      'id: a\nevent: bye\ndata: {"type":"bye","replica_id":"a","instance_id":"i","at":"1970-01-01T00:00:00.000Z"}\n\n',
    );
  });
});
