/** A body that no fleet sends, and what is wrong with it. */
export interface MalformedBody {
  readonly what: string;
  readonly body: unknown;
}

const command = {
  schema: 1,
  type: "command",
  command_id: "01K9",
  fault: "redis-reset",
  parameters: { force: true, drain_timeout_ms: 5_000 },
  target: {},
  epoch: 1,
  issued_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-01T00:00:05.000Z",
  issuer: "api-1",
} as const;

const heartbeat = { schema: 1, type: "heartbeat", replica_id: "r", instance_id: "i" } as const;

/** 200 kinds of malformed and hostile bodies, for either topic. */
export function malformedBodies(): readonly MalformedBody[] {
  const bodies = [
    ...bytesThatAreNotJson(),
    ...valuesThatAreNotMessages(),
    ...envelopesThatAreWrong(),
    ...membersThatAreWrong(),
  ];
  // What is left to 200: half of a real message, cut at every length that a slip could cut it at.
  const whole = JSON.stringify(command);
  const cuts = Array.from({ length: 200 - bodies.length }, (_, index) => ({
    what: `a message cut after ${index + 1} bytes`,
    body: Buffer.from(whole.slice(0, index + 1)),
  }));
  return [...bodies, ...cuts];
}

function bytesThatAreNotJson(): MalformedBody[] {
  const texts = [
    "",
    " ",
    "{",
    "}",
    "[",
    "nul",
    "NaN",
    "undefined",
    "'x'",
    "<xml/>",
    "{]",
    "{,}",
    "\u0000",
    "{}{}",
  ];
  return [
    ...texts.map((text) => ({ what: `the text ${JSON.stringify(text)}`, body: Buffer.from(text) })),
    { what: "a broken UTF-8 sequence", body: Buffer.from([0x7b, 0xc3, 0x28, 0x7d]) },
    { what: "random bytes", body: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]) },
    { what: "a hundred zero bytes", body: Buffer.alloc(100) },
    { what: "a byte order mark alone", body: Buffer.from([0xef, 0xbb, 0xbf]) },
    { what: "UTF-16", body: Buffer.from(JSON.stringify(command), "utf16le") },
    { what: "brackets, 20,000 deep", body: Buffer.from("[".repeat(20_000)) },
    { what: "lists, 20,000 deep", body: Buffer.from("[".repeat(20_000) + "]".repeat(20_000)) },
    { what: "a command after a comma", body: Buffer.from(`,${JSON.stringify(command)}`) },
  ];
}

function valuesThatAreNotMessages(): MalformedBody[] {
  const values: unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    "",
    "command",
    [],
    {},
    [command],
    [[command]],
    { command },
    { body: command },
    { schema: 1 },
    { type: "command" },
    { schema: 1, type: null },
    { schema: 1, type: 1 },
    { schema: 1, type: [] },
    { schema: 1, type: { toString: "command" } },
    JSON.stringify(command),
    { ...command, extra: "x".repeat(10_000) },
  ];
  return values.map((body) => ({ what: `the value ${JSON.stringify(body).slice(0, 40)}`, body }));
}

function envelopesThatAreWrong(): MalformedBody[] {
  const schemas: unknown[] = [0, 2, -1, 1.5, "1", null, true, [1], {}];
  const types = [
    "",
    "Command",
    "command ",
    "commands",
    "reset",
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
  ];
  return [
    ...schemas.map((schema) => ({
      what: `schema ${JSON.stringify(schema)}`,
      body: { ...command, schema },
    })),
    ...types.map((type) => ({ what: `type ${JSON.stringify(type)}`, body: { ...command, type } })),
    {
      what: "a prototype in JSON",
      body: Buffer.from('{"__proto__":{"schema":1,"type":"command"}}'),
    },
    {
      what: "a constructor in JSON",
      body: Buffer.from('{"constructor":{"prototype":{"schema":1}}}'),
    },
  ];
}

/** Each member of a command and of a heartbeat, wrong in several ways. */
function membersThatAreWrong(): MalformedBody[] {
  const wrong: unknown[] = [null, {}, [], -1, "", true];
  const members = [
    "command_id",
    "fault",
    "target",
    "epoch",
    "issued_at",
    "expires_at",
    "issuer",
  ] as const;
  const ofCommand = members.flatMap((member) =>
    wrong
      .filter((value) => !(member === "target" && JSON.stringify(value) === "{}"))
      .map((value) => ({
        what: `a command whose ${member} is ${JSON.stringify(value)}`,
        body: { ...command, [member]: value },
      })),
  );
  const ofHeartbeat = (["replica_id", "instance_id"] as const).flatMap((member) =>
    wrong.map((value) => ({
      what: `a heartbeat whose ${member} is ${JSON.stringify(value)}`,
      body: { ...heartbeat, [member]: value },
    })),
  );
  const unknownMember = {
    what: "a command with a member unknown",
    body: { ...command, forced: true },
  };
  return [...ofCommand, ...ofHeartbeat, unknownMember];
}
