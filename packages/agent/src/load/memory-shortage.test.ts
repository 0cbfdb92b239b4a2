import { describe, expect, it } from "vitest";
import { memoryShortage } from "./memory-shortage.ts";

const MB = 1024 * 1024;

function shortage(heldInMb: number, workingSetInMb: number): string | null {
  return memoryShortage(
    { wantedInBytes: 500 * MB, heldInBytes: heldInMb * MB },
    { of: "container", limitInBytes: 1_000 * MB, workingSetInBytes: workingSetInMb * MB },
  );
}

describe("a load that has taken a part of its memory", () => {
  it("does not count against itself what it holds already", () => {
    expect(shortage(0, 700)).not.toBeNull();
    expect(shortage(300, 700)).toBeNull();
    // The kernel may count late.
    expect(shortage(300, 100)).toBeNull();
  });

  it("sees what others have taken meanwhile", () => {
    expect(shortage(300, 800)).toMatch(/400 MB may be used: of the container's 1000 MB, 500 MB/u);
  });

  it("takes what it wants where no limit is known", () => {
    expect(memoryShortage({ wantedInBytes: 500 * MB, heldInBytes: 0 }, null)).toBeNull();
  });
});
