import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { LiveText } from "../entra/live-text.ts";
import { redactCredentials } from "./redact-credentials.ts";

describe("redactCredentials", () => {
  it.each(["auth", "AUTH", "hello"])("takes the arguments of %s out of an error", (name) => {
    const error = Object.assign(new Error("WRONGPASS"), {
      command: { name, args: ["3", "AUTH", "user", "hunter2"] },
    });
    redactCredentials(error);
    expect(inspect(error)).not.toContain("hunter2");
    expect(error.message).toBe("WRONGPASS");
  });

  it("leaves everything else as it is", () => {
    const error = Object.assign(new Error("WRONGTYPE"), {
      command: { name: "get", args: ["key"] },
    });
    for (const other of [error, new Error("x"), null, undefined, "text", { command: 7 }]) {
      redactCredentials(other);
    }
    expect(error.command.args).toEqual(["key"]);
  });
});

describe("LiveText", () => {
  it("is read when it is made a text of, and masked wherever else it is shown", () => {
    let current = "first";
    const text = new LiveText(() => current);
    current = "second";
    expect(String(text)).toBe("second");
    expect([inspect({ text }), JSON.stringify({ text })].join(" ")).not.toContain("second");
  });
});
