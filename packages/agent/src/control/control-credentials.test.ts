import { describe, expect, it } from "vitest";
import { readControlCredentials } from "./control-credentials.ts";

describe("readControlCredentials", () => {
  it("reads a url, and takes a member over its part", () => {
    const url = "rediss://user:p%40ss@cache.example:6380";
    expect(readControlCredentials({ url })).toEqual({
      host: "cache.example",
      username: "user",
      password: "p@ss",
      tls: {},
    });
    expect(readControlCredentials({ url, username: "agent", tls: false })).toMatchObject({
      username: "agent",
      tls: undefined,
    });
  });

  it("asks for neither password nor TLS by default", () => {
    expect(readControlCredentials({ host: "10.0.0.1" })).toEqual({
      host: "10.0.0.1",
      username: undefined,
      password: undefined,
      tls: undefined,
    });
  });

  it("refuses what is no url", () => {
    expect(() => readControlCredentials({ url: "cache.example" })).toThrow(TypeError);
  });
});
