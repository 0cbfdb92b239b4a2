import { describe, expect, it } from "vitest";
import { makeTestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";

const allowedHosts = { publicOrigins: ["https://chaos.example.com", "http://lab.local:8080"] };

describe("the guard", () => {
  it.each([
    "localhost",
    "LOCALHOST:8000",
    "localhost.:8000",
    "127.0.0.1:8000",
    "127.9.8.7",
    "[::1]:8000",
    "chaos.example.com",
    "chaos.example.com:443",
    "lab.local:8080",
  ])("serves the Host %s", async (host) => {
    const { app } = makeTestApp({ allowedHosts });
    expect((await app.inject({ url: "/livez", headers: { host } })).statusCode).toBe(200);
  });

  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil@localhost",
    "localhost:8000:1",
    "localhost/x",
    "2130706433",
    "0x7f.1",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "chaos.example.com:8443",
    "lab.local",
  ])("refuses the Host %j on every route: a name can be pointed at 127.0.0.1", async (host) => {
    const { app } = makeTestApp({ allowedHosts });
    for (const url of ["/livez", "/", "/chaos/status", "/nope"]) {
      expect(
        readProblem(await app.inject({ url, headers: { host } }), "HOST_NOT_ALLOWED").code,
      ).toBe("HOST_NOT_ALLOWED");
    }
  });

  it.each([
    [{ origin: "null" }],
    [{ origin: "https://evil.example" }],
    [{ origin: "http://localhost:3000" }],
    [{ origin: "https://localhost:80" }],
    [{ origin: "" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ origin: "https://chaos.example.com", "sec-fetch-site": "cross-site" }],
  ])("refuses a write with %j", async (headers) => {
    const { app, fleet } = makeTestApp({ allowedHosts });
    const answer = await app.inject({ method: "POST", url: "/chaos/redis-reset", headers });
    expect(readProblem(answer, "ORIGIN_NOT_ALLOWED").code).toBe("ORIGIN_NOT_ALLOWED");
    expect(fleet.injected).toEqual([]);
    const read = await app.inject({ url: "/chaos/status", headers });
    expect(read.statusCode).toBe(200);
    expect(read.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it.each([
    [{}],
    [{ origin: "http://localhost:80", "sec-fetch-site": "same-origin" }],
    [{ origin: "https://chaos.example.com" }],
    [{ "sec-fetch-site": "none" }],
  ])("takes a write with %j", async (headers) => {
    const { app } = makeTestApp({ allowedHosts });
    const answer = await app.inject({
      method: "POST",
      url: "/chaos/redis-reset",
      headers: { host: "localhost", ...headers },
    });
    expect(answer.statusCode).toBe(200);
  });

  it.each(["forwarded", "x-forwarded-for", "X-Forwarded-Proto", "x-forwarded-anything"])(
    "refuses a request that %s says came through a proxy, with the reason",
    async (header) => {
      const { app } = makeTestApp();
      const answer = await app.inject({ url: "/livez", headers: { [header]: "for=1.2.3.4" } });
      const problem = readProblem(answer, "FORWARDED_NOT_ALLOWED");
      expect(problem.detail).toContain(header.toLowerCase());
      expect(problem.detail).toContain("authentication");
    },
  );
});
