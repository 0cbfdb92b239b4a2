import { expect, it } from "vitest";
import { OperationSignal } from "./operation-signal.ts";

it("tells each listener once, and why it was aborted first", () => {
  const signal = new OperationSignal();
  const told: string[] = [];
  const listener = ({ type }: { readonly type: string }): void => void told.push(type);
  signal.addEventListener("abort", listener);
  signal.addEventListener("abort", listener);
  expect(signal).toMatchObject({ aborted: false, reason: undefined });
  signal.abort("first");
  signal.abort("second");
  expect(told).toEqual(["abort"]);
  expect(signal).toMatchObject({ aborted: true, reason: "first" });
});

it("does not tell whoever has gone, nor whoever comes afterwards", () => {
  const signal = new OperationSignal();
  const told: string[] = [];
  const gone = (): void => void told.push("gone");
  signal.addEventListener("abort", gone);
  signal.removeEventListener("abort", gone);
  signal.abort("over");
  signal.addEventListener("abort", gone);
  expect(told).toEqual([]);
});

it("tells the others when one of them takes itself off meanwhile", () => {
  const signal = new OperationSignal();
  const told: string[] = [];
  const first = (): void => {
    told.push("first");
    signal.removeEventListener("abort", first);
  };
  signal.addEventListener("abort", first);
  signal.addEventListener("abort", () => void told.push("second"));
  signal.abort("over");
  expect(told).toEqual(["first", "second"]);
});
