import { Duplex } from "node:stream";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { ClientErrors } from "./client-errors.ts";

/** What an error of Node's parser or timers puts onto the socket. */
async function answerTo(code: string, message = "Parse Error: x"): Promise<string> {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  new ClientErrors(new FakeClock()).answer(Object.assign(new Error(message), { code }), socket);
  await new Promise((resolve) => setImmediate(resolve));
  return Buffer.concat(written).toString();
}

describe("ClientErrors", () => {
  it("answers a request that did not arrive in time with 408, and ends the connection", async () => {
    const text = await answerTo("ERR_HTTP_REQUEST_TIMEOUT", "Request timeout");
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(text).toContain("connection: close\r\n");
    expect(text).toContain('"code":"REQUEST_TIMEOUT"');
  });

  it("answers chunk extensions without end with 413", async () => {
    expect(await answerTo("HPE_CHUNK_EXTENSIONS_OVERFLOW")).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("repeats the parser's reason, and nobody else's", async () => {
    expect(await answerTo("HPE_INVALID_METHOD", "Parse Error: Invalid method")).toContain(
      "HTTP/1.1 request: Invalid method.",
    );
    expect(await answerTo("EWHATEVER", "secret")).not.toContain("secret");
  });

  it("writes nothing to a connection that was reset", async () => {
    expect(await answerTo("ECONNRESET")).toBe("");
  });
});
