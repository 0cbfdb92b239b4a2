import { describe, expect, it } from "vitest";
import { formatTraceparent, parseTraceparent } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("parseTraceparent", () => {
  it("reads what it wrote itself, and what a later version of the standard may add", () => {
    const context = { traceId: TRACE, spanId: SPAN };
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)).toEqual(context);
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)).toEqual(context);
  });

  it.each([
    ["nothing", undefined],
    ["several headers", [`00-${TRACE}-${SPAN}-01`]],
    ["an empty text", ""],
    ["upper case", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ["a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["a parent of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["the forbidden version", `ff-${TRACE}-${SPAN}-01`],
    ["more than version 00 has", `00-${TRACE}-${SPAN}-01-more`],
    ["a line feed", `00-${TRACE}-${SPAN}-01\n`],
    ["a very long text", `01-${TRACE}-${SPAN}-01-${"x".repeat(300)}`],
  ])("takes %s for none", (_name, value) => {
    expect(parseTraceparent(value)).toBeNull();
  });
});
