import { describe, expect, it } from "vitest";
import { parseInsightsConnectionString, parseSamplingRate } from "./parse-insights-text.ts";

const KEY = "12345678-90ab-cdef-1234-567890abcdef";

describe("a connection string", () => {
  it.each([
    `InstrumentationKey=${KEY}`,
    `InstrumentationKey=${KEY};IngestionEndpoint=https://x.in.applicationinsights.azure.com/;LiveEndpoint=https://y/`,
    `instrumentationkey=${KEY.toUpperCase()} ; IngestionEndpoint=https://127.0.0.1:4318 ;`,
  ])("may be %s", (text) => {
    expect(parseInsightsConnectionString(text)).toEqual({ ok: true, value: text });
  });

  it.each([
    "hunter2",
    "InstrumentationKey=hunter2",
    `InstrumentationKey=${KEY};IngestionEndpoint=http://hunter2`,
    `InstrumentationKey=${KEY};IngestionEndpoint=hunter2`,
    "IngestionEndpoint=https://hunter2",
  ])("is refused without being repeated: %s", (text) => {
    const parsed = parseInsightsConnectionString(text);
    expect(parsed).toEqual({ ok: false, expected: expect.stringContaining("InstrumentationKey=") });
    expect(JSON.stringify(parsed)).not.toContain("hunter2");
  });
});

describe("a sampling rate", () => {
  it.each([
    ["1", 1],
    ["0", 0],
    ["0.25", 0.25],
  ])("may be %s", (text, value) => {
    expect(parseSamplingRate(text)).toEqual({ ok: true, value });
  });

  it.each(["1.1", "-0.5", "25%", "half", "1e-3", "25"])("is not %s", (text) => {
    expect(parseSamplingRate(text).ok).toBe(false);
  });
});
