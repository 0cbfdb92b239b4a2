import { ReplyError } from "ioredis";
import { describe, expect, it } from "vitest";
import { describeFailure } from "./describe-failure.ts";

describe("describeFailure", () => {
  it("keeps the message and the code, and not the command that carries the password", () => {
    const source = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), {
      code: "ECONNREFUSED",
      command: { name: "hello", args: ["3", "AUTH", "app", "hunter2"] },
    });
    const failure = describeFailure(source, []);
    expect(failure.message).toBe("connect ECONNREFUSED 127.0.0.1:1");
    expect(failure.cause).toMatchObject({ code: "ECONNREFUSED" });
    expect(JSON.stringify(failure, ["cause", "command", "args"])).not.toContain("hunter2");
    expect(failure.isConnectionFailure).toBe(true);
  });

  it("takes a secret out of the message itself", () => {
    const failure = describeFailure(new Error("bad url redis://a:hunter2@b"), ["hunter2"]);
    expect(failure.message).toBe("bad url redis://a:***@b");
  });

  it("says what the first address answered when all of several failed", () => {
    const source = new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("b")]);
    expect(describeFailure(source, []).message).toBe("connect ECONNREFUSED ::1:1");
  });

  it("tells an error that the server answered from a lost connection", () => {
    const reply = new ReplyError("WRONGTYPE Operation against a key");
    expect(describeFailure(reply, []).isConnectionFailure).toBe(false);
  });
});
