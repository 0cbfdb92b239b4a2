import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { makeTestApp } from "../testing/make-test-app.ts";
import { readProblem } from "../testing/read-problem.ts";

const json = { "content-type": "application/json" };

describe("the envelope", () => {
  it("answers an unknown path with 404 and names the paths that there are", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject({ url: "/nope?secret=1" });
    const problem = readProblem(answer, "NOT_FOUND");
    expect(problem.instance).toBe("/nope");
    expect(problem.detail).toContain("/chaos/redis-reset");
    expect(problem.detail).toContain("/chaos/replicas/{id}");
  });

  it.each([
    ["GET", "/chaos/redis-reset", "POST, OPTIONS"],
    ["DELETE", "/chaos/redis-reset", "POST, OPTIONS"],
    ["POST", "/chaos/status", "GET, HEAD, OPTIONS"],
    ["PUT", "/chaos/replicas/a%2Fb", "GET, HEAD, OPTIONS"],
    ["PATCH", "/", "GET, HEAD, OPTIONS"],
  ] as const)("answers %s %s with 405 and Allow: %s", async (method, url, allow) => {
    const { app, fleet } = makeTestApp();
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers["allow"]).toBe(allow);
    expect(readProblem(answer, "METHOD_NOT_ALLOWED").detail).toContain(method);
    expect(fleet.injected).toEqual([]);
  });

  it("answers OPTIONS with 204 and Allow, and gives no foreign page permission", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject({
      method: "OPTIONS",
      url: "/chaos/redis-reset",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers["allow"]).toBe("POST, OPTIONS");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await app.inject({ method: "OPTIONS", url: "/nope" })).statusCode).toBe(404);
  });

  it("answers HEAD like GET without a body", async () => {
    const { app } = makeTestApp();
    const answer = await app.inject({ method: "HEAD", url: "/chaos/status" });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe("");
    expect((await app.inject({ method: "HEAD", url: "/chaos/redis-reset" })).statusCode).toBe(405);
  });

  it.each([
    ["text/plain", '{"force":true}'],
    ["application/x-www-form-urlencoded", "force=true"],
    ["application/json; charset=utf-16", '{"force":true}'],
    ["application/jsonx", "{}"],
    ["nonsense", "{}"],
    ["", "{}"],
  ])("refuses a body of type %j with 415", async (type, payload) => {
    const { app, fleet } = makeTestApp();
    const headers = type === "" ? {} : { "content-type": type };
    const answer = await app.inject({
      method: "POST",
      url: "/chaos/redis-reset",
      headers,
      payload,
    });
    expect(readProblem(answer, "UNSUPPORTED_MEDIA_TYPE").code).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect(fleet.injected).toEqual([]);
  });

  it("refuses a compressed body with 415", async () => {
    const { app } = makeTestApp();
    const headers = { ...json, "content-encoding": "gzip" };
    const request = { method: "POST", url: "/chaos/redis-reset", headers, payload: "{}" } as const;
    expect(readProblem(await app.inject(request), "UNSUPPORTED_MEDIA_TYPE").code).toBe(
      "UNSUPPORTED_MEDIA_TYPE",
    );
  });

  it("takes JSON under each of its names", async () => {
    const { app, fleet } = makeTestApp();
    for (const type of ["application/json;charset=UTF-8", "application/vnd.api+json"]) {
      const headers = { "content-type": type };
      const answer = await app.inject({
        method: "POST",
        url: "/chaos/redis-reset",
        headers,
        payload: '{"force":true}',
      });
      expect(answer.statusCode).toBe(200);
    }
    expect(fleet.injected).toHaveLength(2);
  });

  it("refuses a body above 64 KiB with 413, and takes one of exactly 64 KiB", async () => {
    const { app } = makeTestApp();
    const send = (length: number): Promise<LightMyRequestResponse> => {
      const frame = '{"reason":""}'.length;
      const payload = `{"reason":""${" ".repeat(length - frame)}}`;
      return app.inject({ method: "POST", url: "/chaos/redis-reset", headers: json, payload });
    };
    expect((await send(65_536)).statusCode).toBe(200);
    expect(readProblem(await send(65_537), "PAYLOAD_TOO_LARGE").code).toBe("PAYLOAD_TOO_LARGE");
  });

  it.each([
    ['{"force":tru}', "/force"],
    ['{"force":true,"force":false}', "/force"],
    ['{"target":{"role":"a","r\\u006fle":"b"}}', "/target/role"],
    ['{"__proto__":{"force":true}}', "/__proto__"],
    ["{", ""],
    ["  ", ""],
  ])("refuses %s with 400 that names the member", async (payload, path) => {
    const { app, fleet } = makeTestApp();
    const answer = await app.inject({
      method: "POST",
      url: "/chaos/redis-reset",
      headers: json,
      payload,
    });
    const problem = readProblem(answer, "MALFORMED_JSON");
    expect(problem.errors?.[0]?.path).toBe(path);
    expect(problem.detail).toContain(path);
    expect(fleet.injected).toEqual([]);
  });

  it("refuses bytes that are not UTF-8", async () => {
    const { app } = makeTestApp();
    const payload = Buffer.from([0x22, 0xff, 0x22]);
    const request = { method: "POST", url: "/chaos/redis-reset", headers: json, payload } as const;
    expect(readProblem(await app.inject(request), "MALFORMED_JSON").detail).toContain("UTF-8");
  });

  it("keeps a good X-Request-ID and replaces any other", async () => {
    const { app } = makeTestApp();
    const ask = async (id: string): Promise<unknown> => {
      const answer = await app.inject({ url: "/livez", headers: { "x-request-id": id } });
      return answer.headers["x-request-id"];
    };
    const longest = "a".repeat(128);
    expect(await ask("Az0._-")).toBe("Az0._-");
    expect(await ask(longest)).toBe(longest);
    for (const id of ["", "a b", `${longest}a`, "é", "a\tb", "{x}"]) {
      const given = await ask(id);
      expect(given).not.toBe(id);
      expect(given).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("refuses a path that is not well percent-encoded, and one that is too long", async () => {
    const { app } = makeTestApp();
    expect(
      readProblem(await app.inject({ url: "/chaos/replicas/%zz" }), "MALFORMED_REQUEST").code,
    ).toBe("MALFORMED_REQUEST");
    expect(
      readProblem(await app.inject({ url: `/chaos/replicas/${"a".repeat(1_025)}` }), "URI_TOO_LONG")
        .code,
    ).toBe("URI_TOO_LONG");
    expect(
      readProblem(await app.inject({ url: `/livez?${"a".repeat(8_192)}` }), "URI_TOO_LONG").code,
    ).toBe("URI_TOO_LONG");
  });

  it("shows no internals with 500", async () => {
    const { app, fleet } = makeTestApp();
    fleet.inject = () => Promise.reject(new Error("secret of /etc/passwd"));
    const answer = await app.inject({ method: "POST", url: "/chaos/redis-reset" });
    const problem = readProblem(answer, "INTERNAL_ERROR");
    expect(answer.body).not.toContain("secret");
    expect(problem.detail).toContain("request id");
  });

  it("answers 503 while it ends, but for the probes", async () => {
    const { app, fleet, lifecycle } = makeTestApp();
    lifecycle.isEnding = true;
    expect(
      readProblem(await app.inject({ method: "POST", url: "/chaos/redis-reset" }), "SHUTTING_DOWN")
        .code,
    ).toBe("SHUTTING_DOWN");
    expect(fleet.injected).toEqual([]);
    expect((await app.inject({ url: "/livez" })).statusCode).toBe(200);
    expect((await app.inject({ url: "/readyz" })).statusCode).toBe(503);
  });

  it("tells who may not ask before it tells what is wrong, and that before whether there is such a path", async () => {
    const { app } = makeTestApp();
    const foreign = { ...json, host: "evil.example" };
    const bad = { method: "POST", url: "/nope", headers: foreign, payload: "{" } as const;
    expect(readProblem(await app.inject(bad), "HOST_NOT_ALLOWED").code).toBe("HOST_NOT_ALLOWED");
    expect(
      readProblem(await app.inject({ url: "/%zz", headers: foreign }), "HOST_NOT_ALLOWED").code,
    ).toBe("HOST_NOT_ALLOWED");
    expect(readProblem(await app.inject({ ...bad, headers: json }), "NOT_FOUND").code).toBe(
      "NOT_FOUND",
    );
  });
});
