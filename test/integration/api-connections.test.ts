import { connect } from "node:net";
import type { FleetStatus, Problem } from "@fleetquake/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { readAnswers, type WireAnswer } from "../support/fuzz/read-answers.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startApiProcess, type StartedApiProcess } from "../support/start-api-process.ts";
import { until } from "../support/until.ts";

const host = "Host: localhost\r\n";
const CONNECT = `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`;
/** Far above the few seconds that a client is given to end its side. */
const LINGERING_IN_MS = 20_000;

let api: StartedApiProcess;

beforeAll(async () => {
  const key = Buffer.alloc(32).toString("base64");
  api = await startApiProcess({
    REDIS_ENABLED: "false",
    FLEETQUAKE_BUS_CONNECTION_STRING: `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=Root;SharedAccessKey=${key};UseDevelopmentEmulator=true`,
  });
});

afterAll(async () => {
  await api?.stop();
});

/** Sends bytes and resets the connection as soon as the API has accepted it. */
async function sendAndReset(bytes: string, delayInMs: number): Promise<void> {
  const socket = connect(api.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  socket.write(bytes);
  await new Promise((resolve) => setTimeout(resolve, delayInMs));
  socket.resetAndDestroy();
}

/** All answers on one connection, which the API ends. */
async function answersTo(
  bytes: string,
  methods: readonly string[],
): Promise<readonly WireAnswer[]> {
  const text = await sendRaw(api.port, bytes);
  return readAnswers(Buffer.from(text, "latin1"), methods, true).answers;
}

function codeOf(answer: WireAnswer | undefined): string {
  const problem: Problem = JSON.parse(answer?.body.toString() || "{}");
  return problem.code;
}

describe("clients that go away", () => {
  it.each([
    ["CONNECT", CONNECT],
    ["CONNECT and more", `${CONNECT}${"x".repeat(1_000)}`],
    ["nonsense", "GARBAGE\r\n\r\n"],
    ["an expectation", `POST /chaos/halt HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`],
    ["half a body", `POST /chaos/halt HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\n{`],
  ])("in the middle of %s do not take the API with them", async (_name, bytes) => {
    for (let round = 0; round < 20; round += 1) {
      await sendAndReset(bytes, round % 4);
    }
    const answer = await fetch(`${api.url}/livez`);
    expect(answer.status).toBe(200);
    expect(api.child.exitCode).toBe(null);
    expect(api.output()).not.toMatch(/"level":(50|60)|^\s+at /mu);
  });

  it.each([
    ["CONNECT", CONNECT],
    ["nonsense", "GARBAGE\r\n\r\n"],
  ])("without ending their side after %s are not waited for", async (_name, bytes) => {
    const socket = connect({ port: api.port, host: "127.0.0.1", allowHalfOpen: true });
    let received = "";
    socket.on("data", (chunk) => (received += String(chunk)));
    socket.on("error", () => undefined);
    socket.write(bytes);
    try {
      await until(() => received.includes("problem+json"));
      // Writing is how a client learns that nobody is there any more.
      const isOver = (): boolean => {
        socket.write("x");
        return socket.destroyed;
      };
      await until(isOver, LINGERING_IN_MS);
      expect(socket.destroyed).toBe(true);
    } finally {
      socket.destroy();
    }
  });
});

describe("a request that hangs", () => {
  const hang = `POST /chaos/hang HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;

  async function isHanging(): Promise<boolean> {
    const answer = await fetch(`${api.url}/chaos/status`);
    const status: FleetStatus = JSON.parse(await answer.text());
    return status.hang.active;
  }

  it.each([
    ["bytes that are no HTTP", "GARBAGE\r\n\r\n"],
    ["half a request", "GET /livez HTTP/1.1\r\nHo"],
    ["half a body", `POST /chaos/halt HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\n{`],
  ])("ends with its client, also when that sent %s behind it", async (_name, bytes) => {
    const socket = connect({ port: api.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.write(hang);
    await until(isHanging);
    socket.write(bytes);
    socket.end();
    try {
      await until(async () => !(await isHanging()));
      expect(await isHanging()).toBe(false);
    } finally {
      socket.destroy();
      await fetch(`${api.url}/chaos/hang`, { method: "DELETE" });
    }
  });
});

describe("requests behind each other on one connection", () => {
  it("are all answered when what follows them is no HTTP, which is told last", async () => {
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${host}\r\n`;
    const bytes = `${get("/livez")}${get("/chaos/status")}${get("/chaos/replicas/x")}GARBAGE\r\n\r\n`;
    const answers = await answersTo(bytes, ["GET", "GET", "GET", "?"]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 400]);
    expect(codeOf(answers[3])).toBe("MALFORMED_REQUEST");
  });

  it("are answered once each when the body is longer than its length says", async () => {
    const body = '{"duration_seconds":1}';
    const bytes = `POST /chaos/hang HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}}}}\r\n\r\n`;
    const answers = await answersTo(bytes, ["POST", "?", "?"]);
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
  });
});

describe("a request that was answered before all of it had come", () => {
  it("gets no second answer when the rest is no HTTP", async () => {
    const socket = connect({ port: api.port, host: "127.0.0.1" });
    let received = "";
    socket.on("data", (chunk) => (received += String(chunk)));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(
      `POST /chaos/halt HTTP/1.1\r\n${host}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`,
    );
    await until(() => received.endsWith("}"));
    socket.write("this is no chunk\r\n");
    await closed;
    const { answers } = readAnswers(Buffer.from(received), ["POST", "?"], true);
    expect(answers.map(({ status }) => status)).toEqual([415]);
  });
});

describe("a refusal", () => {
  const textBody = "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}";

  it.each([
    ["an unknown path", `GET /nowhere HTTP/1.1\r\n${host}`, "\r\n"],
    ["a body of a foreign type", `POST /chaos/halt HTTP/1.1\r\n${host}`, textBody],
    ["a bad path", `GET /%zz HTTP/1.1\r\n${host}`, "\r\n"],
  ])(
    "of %s says that the connection ends when the client wants it to",
    async (_name, head, rest) => {
      const [answer] = await answersTo(`${head}Connection: close\r\n${rest}`, ["GET"]);
      expect(answer?.status).toBeGreaterThanOrEqual(400);
      expect(answer?.headers.get("connection")).toEqual(["close"]);
      const [next] = await answersTo(`${head}${rest}GARBAGE\r\n\r\n`, ["GET", "?"]);
      expect(next?.headers.get("connection")).not.toEqual(["close"]);
    },
  );
});

describe("CONNECT", () => {
  it("is refused under the caller's request id, as everything is", async () => {
    const bytes = `CONNECT localhost:80 HTTP/1.1\r\n${host}X-Request-ID: mine\r\n\r\n`;
    const [answer] = await answersTo(bytes, ["CONNECT"]);
    expect(answer?.status).toBe(405);
    expect(answer?.headers.get("x-request-id")).toEqual(["mine"]);
  });

  it("by a foreign name is 403, as everything is", async () => {
    const bytes = "CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    const [answer] = await answersTo(bytes, ["CONNECT"]);
    expect([answer?.status, codeOf(answer)]).toEqual([403, "HOST_NOT_ALLOWED"]);
  });
});
