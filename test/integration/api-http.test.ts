import type { Problem } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { parseRaw, sendRaw } from "../support/raw-http.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";

let api: StartedApiProcess;

beforeAll(async () => {
  const key = Buffer.alloc(32).toString("base64");
  api = await startApiProcess({
    REDIS_ENABLED: "false",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=${key};UseDevelopmentEmulator=true`,
  });
});

afterAll(async () => {
  await api.stop();
});

async function ask(bytes: string | Buffer): Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
}> {
  const text = await sendRaw(api.port, bytes, isWhole);
  const { status, headers, body } = parseRaw(text);
  return { status, headers, problem: JSON.parse(body) };
}

function isWhole(text: string): boolean {
  const { status, headers, body } = parseRaw(text);
  return (
    text.includes("\r\n\r\n") && status > 100 && body.length >= Number(headers["content-length"])
  );
}

const host = "Host: localhost\r\n";

describe("bytes that are not the HTTP that this API reads", () => {
  it.each([
    ["nonsense", "GARBAGE\r\n\r\n", 400, "MALFORMED_REQUEST"],
    [
      "TLS to a plain port",
      Buffer.from("160301020001000001fc0303", "hex"),
      400,
      "MALFORMED_REQUEST",
    ],
    ["an unknown method", `EXPLODE / HTTP/1.1\r\n${host}\r\n`, 400, "MALFORMED_REQUEST"],
    ["an unknown version", `GET / HTTP/9.1\r\n${host}\r\n`, 400, "MALFORMED_REQUEST"],
    ["a broken header", `GET / HTTP/1.1\r\n${host}a b\r\n\r\n`, 400, "MALFORMED_REQUEST"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST"],
    ["two Hosts", `GET / HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`, 400, "MALFORMED_REQUEST"],
    ["no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 403, "HOST_NOT_ALLOWED"],
    ["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 403, "HOST_NOT_ALLOWED"],
    [
      "a foreign absolute target",
      `GET http://evil.example/livez HTTP/1.1\r\n${host}\r\n`,
      403,
      "HOST_NOT_ALLOWED",
    ],
    [
      "too many headers",
      `GET / HTTP/1.1\r\n${host}${`A: ${"a".repeat(1_000)}\r\n`.repeat(20)}\r\n`,
      431,
      "HEADERS_TOO_LARGE",
    ],
    [
      "a path above Node's bound",
      `GET /${"a".repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
      414,
      "URI_TOO_LONG",
    ],
    ["a path above ours", `GET /${"a".repeat(9_000)} HTTP/1.1\r\n${host}\r\n`, 414, "URI_TOO_LONG"],
    [
      "a bad length",
      `POST / HTTP/1.1\r\n${host}Content-Length: x\r\n\r\n`,
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "two lengths",
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "length and chunks",
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "a bad chunk",
      `POST /chaos/redis-reset HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      400,
      "MALFORMED_REQUEST",
    ],
    [
      "another expectation",
      `POST /chaos/redis-reset HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`,
      417,
      "EXPECTATION_FAILED",
    ],
    [
      "CONNECT",
      "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
      405,
      "METHOD_NOT_ALLOWED",
    ],
    ["TRACE", `TRACE /livez HTTP/1.1\r\n${host}\r\n`, 405, "METHOD_NOT_ALLOWED"],
    ["PROPFIND", `PROPFIND /livez HTTP/1.1\r\n${host}\r\n`, 405, "METHOD_NOT_ALLOWED"],
    ["a bad percent", `GET /%zz HTTP/1.1\r\n${host}\r\n`, 400, "MALFORMED_REQUEST"],
  ])("%s: the envelope", async (_name, bytes, status, code) => {
    const answer = await ask(bytes);
    expect([answer.status, answer.problem.code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.problem).toMatchObject({ status, title: answer.problem.error });
    expect(answer.problem.timestamp).toMatch(/\.\d{3}Z$/);
    expect(answer.headers["x-request-id"]).toBe(answer.problem.request_id);
    expect(answer.headers["allow"] !== undefined).toBe(status === 405);
  });

  it("serves its own absolute target, OPTIONS * and HTTP/1.0", async () => {
    const own = await sendRaw(
      api.port,
      `GET http://localhost/livez HTTP/1.1\r\n${host}\r\n`,
      isWhole,
    );
    expect(parseRaw(own).status).toBe(200);
    const old = await sendRaw(api.port, `GET /livez HTTP/1.0\r\n${host}\r\n`);
    expect(parseRaw(old).status).toBe(200);
    const isAnswered = (text: string): boolean => text.includes("\r\n\r\n");
    const star = await sendRaw(api.port, `OPTIONS * HTTP/1.1\r\n${host}\r\n`, isAnswered);
    expect(parseRaw(star).status).toBe(204);
    expect(parseRaw(star).headers["allow"]).toBe("GET, HEAD, POST, DELETE, OPTIONS");
  });

  it("takes a chunked body without a byte for none, whatever its type", async () => {
    const chunked = (type: string, chunks: string): string =>
      `POST /chaos/redis-reset HTTP/1.1\r\n${host}${type}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
    for (const type of ["", "Content-Type: text/plain\r\n", "Content-Type: application/json\r\n"]) {
      const empty = await ask(chunked(type, ""));
      expect(empty.problem.code).toMatch(/^CHAOS_(ROSTER_WARMING|BUS_UNAVAILABLE)$/);
    }
    const full = await ask(chunked("Content-Type: text/plain\r\n", "2\r\n{}\r\n"));
    expect(full.problem.code).toBe("UNSUPPORTED_MEDIA_TYPE");
  });

  it("answers 413 so that the client can read it, and the connection goes on", async () => {
    const body = "x".repeat(1_000_000);
    const head = `POST /chaos/redis-reset HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const next = `GET /livez HTTP/1.1\r\n${host}\r\n`;
    const text = await sendRaw(api.port, `${head}${body}${next}`, (so) => so.includes("alive"));
    const first = parseRaw(text);
    expect([first.status, JSON.parse(first.body).code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(text).toContain('"status":"alive"');
  });

  it.each(["/livez", "/nowhere"])(
    "ends the connection of a request for %s that asks for another protocol, since it reads nothing behind it",
    async (path) => {
      const upgrade = `GET ${path} HTTP/1.1\r\n${host}Upgrade: h2c\r\nConnection: upgrade\r\n\r\n`;
      const text = await sendRaw(api.port, `${upgrade}GET /livez HTTP/1.1\r\n${host}\r\n`);
      expect(parseRaw(text).headers["connection"]).toBe("close");
      expect(text.match(/^HTTP/gmu)).toHaveLength(1);
    },
  );

  it("still answers after all that, and has complained about nothing", async () => {
    const answer = await fetch(`${api.url}/livez`);
    expect(answer.status).toBe(200);
    expect(api.output()).not.toMatch(/"level":(50|60)/);
  });
});
