import { silentTelemetry, type Telemetry, type TrackedRequest } from "@fleetquake/telemetry";
import { describe, expect, it } from "vitest";
import { makeTestApp } from "../testing/make-test-app.ts";

/** Keeps what it is told of requests and errors. */
function recordTelemetry() {
  const requests: TrackedRequest[] = [];
  const errors: { readonly error: unknown; readonly traceId: string | undefined }[] = [];
  const telemetry: Telemetry = {
    ...silentTelemetry,
    trackRequest: (request) => requests.push(request),
    trackException: (error, _properties, within) =>
      errors.push({ error, traceId: within?.traceId }),
  };
  return { telemetry, requests, errors };
}

describe("what is told of requests", () => {
  it("is the route's pattern and not what was asked for, with the request's id", async () => {
    const { telemetry, requests } = recordTelemetry();
    const { app } = makeTestApp({ telemetry });
    const headers = { "x-request-id": "r-1" };
    await app.inject({ url: "/chaos/commands/hunter2?limit=1", headers });
    await app.inject({ url: "/hunter2", headers });
    expect(requests).toMatchObject([
      {
        name: "GET /chaos/commands/:id",
        succeeded: true,
        isAlwaysSent: false,
        http: { method: "GET", route: "/chaos/commands/:id" },
        properties: { request_id: "r-1" },
      },
      { name: "GET none", http: { status: 404 } },
    ]);
    expect(JSON.stringify(requests)).not.toContain("hunter2");
  });

  it("is sent always for whatever writes below /chaos, whether it was accepted or not", async () => {
    const { telemetry, requests } = recordTelemetry();
    const { app } = makeTestApp({ telemetry });
    await app.inject({ method: "POST", url: "/chaos/redis-reset" });
    await app.inject({ method: "POST", url: "/chaos/redis-reset", payload: { force: 1 } });
    expect(requests).toMatchObject([
      { http: { status: 200 }, isAlwaysSent: true },
      { http: { status: 400 }, isAlwaysSent: true },
    ]);
  });

  it("is the error that nobody expected, within the request's operation", async () => {
    const { telemetry, requests, errors } = recordTelemetry();
    const { app, fleet } = makeTestApp({ telemetry });
    const error = new Error("nobody foresaw this");
    fleet.status = () => {
      throw error;
    };
    const answer = await app.inject({ url: "/chaos/status" });
    expect(answer.statusCode).toBe(500);
    expect(requests).toMatchObject([{ succeeded: false, http: { status: 500 } }]);
    expect(errors).toEqual([{ error, traceId: requests[0]?.step.traceId }]);
  });

  it("is no failure of a probe that says it is not ready", async () => {
    const { telemetry, requests } = recordTelemetry();
    const { app, lifecycle } = makeTestApp({ telemetry });
    lifecycle.isEnding = true;
    expect((await app.inject({ url: "/readyz" })).statusCode).toBe(503);
    expect(requests).toMatchObject([{ name: "GET /readyz", succeeded: true }]);
  });
});
