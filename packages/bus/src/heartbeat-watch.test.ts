import { expect, it } from "vitest";
import { HeartbeatWatch } from "./heartbeat-watch.ts";

const settled = { isSettled: true, isSilent: false };
const late = { isSettled: false, isSilent: false };
const lost = { isSettled: false, isSilent: true };

/** What the watch says to one heartbeat after the other. */
function verdicts(heartbeats: readonly (typeof settled)[]): boolean[] {
  const watch = new HeartbeatWatch();
  return heartbeats.map((heartbeat) => watch.isOver(heartbeat));
}

it("gives a connection up after two heartbeats in a row without a sign of the broker", () => {
  expect(verdicts([settled, lost, lost])).toEqual([false, false, true]);
});

it("bears with a broker that is heard and only slow, but not for ever", () => {
  expect(verdicts([late, late, late, late, late])).toEqual([false, false, false, false, true]);
});

it("begins to count anew when one is settled, and in silence when the broker is heard", () => {
  expect(verdicts([lost, settled, lost, late, lost])).toEqual([false, false, false, false, false]);
});

it("begins anew with another connection", () => {
  const watch = new HeartbeatWatch();
  watch.isOver(lost);
  watch.reset();
  expect(watch.isOver(lost)).toBe(false);
});
