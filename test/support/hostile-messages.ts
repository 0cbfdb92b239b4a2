import type {
  ServiceBusMessage,
  ServiceBusMessageBatch,
  ServiceBusSender,
} from "@azure/service-bus";

/** One message as a sender takes it, with a body of any AMQP type. */
type AnyMessage = Exclude<
  Parameters<ServiceBusSender["sendMessages"]>[0],
  ServiceBusMessageBatch | readonly unknown[]
>;

const command = {
  schema: 1,
  type: "command",
  command_id: "hostile",
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 5_000 },
  target: {},
  epoch: 1,
  issued_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2999-01-01T00:00:00.000Z",
  issuer: "hostile",
};
const rollCall = {
  schema: 1,
  type: "roll-call",
  issuer: "hostile",
  issued_at: "2026-01-01T00:00:00.000Z",
  heartbeat_interval_ms: 1_000,
  jitter_ms: 0,
};

/** Bodies that are JSON and not what the contract says; none may be executed, none may go uncounted. */
const wrongJson: readonly unknown[] = [
  null,
  true,
  42,
  "command",
  [],
  [command],
  {},
  { schema: 1 },
  { ...command, schema: 2 },
  { ...command, schema: "1" },
  { ...command, type: "constructor" },
  { ...command, type: "__proto__" },
  { ...command, type: "hello" },
  { ...command, type: ["command"] },
  { ...command, fault: "format-disk" },
  { ...command, command_id: "" },
  { ...command, command_id: "x".repeat(257) },
  { ...command, command_id: { toString: "x" } },
  { ...command, parameters: null },
  { ...command, parameters: { force: 1, drain_timeout_ms: 5_000 } },
  { ...command, parameters: { force: true } },
  { ...command, parameters: { force: true, drain_timeout_ms: 0 } },
  { ...command, parameters: { force: true, drain_timeout_ms: 1e9 } },
  { ...command, parameters: { force: true, drain_timeout_ms: 5_000, hard: true } },
  { ...command, target: null },
  { ...command, target: [] },
  { ...command, target: { replicas: [] } },
  { ...command, target: { replicas: "host-1" } },
  { ...command, target: { everybody: true } },
  { ...command, target: { labels: { zone: 1 } } },
  { ...command, epoch: -1 },
  { ...command, epoch: 1.5 },
  { ...command, epoch: "1" },
  { ...command, epoch: null },
  { ...command, expires_at: "tomorrow" },
  { ...command, expires_at: 4_102_444_800_000 },
  { ...command, expires_at: "2999-99-99T99:99:99.999Z" },
  { ...command, issuer: "" },
  { ...command, extra: "member" },
  { ...rollCall, heartbeat_interval_ms: -1 },
  { ...rollCall, heartbeat_interval_ms: null },
  { ...rollCall, jitter_ms: "soon" },
  { ...rollCall, replicas: [] },
  { ...rollCall, extra: 1 },
];

const wrongText: readonly string[] = [
  "",
  " ",
  "{",
  "}{",
  "undefined",
  "NaN",
  '{"schema":1,"type":"command"',
  `${JSON.stringify(command)}${JSON.stringify(command)}`,
  "[".repeat(50_000),
  `{"schema":1,"type":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  `{"__proto__":{"schema":1,"type":"command"}}`,
  "\u0000",
  "x".repeat(200_000),
  `<xml version="1.0"/>`,
];

const wrongBytes: readonly Buffer[] = [
  Buffer.from([0xff, 0xfe, 0xfd]),
  Buffer.from([0xc3, 0x28]),
  Buffer.alloc(1_000, 0x00),
  Buffer.concat([Buffer.from('{"schema":1,"type":"'), Buffer.from([0xe2, 0x82])]),
];

const otherBodies: readonly AnyMessage[] = [
  { body: JSON.stringify(command), bodyType: "value" },
  { body: 42, bodyType: "value" },
  { body: null, bodyType: "value" },
  { body: [[1, 2], ["three"]], bodyType: "sequence" },
  { body: command, bodyType: "value" },
  { body: undefined },
];

/** Messages that no agent may execute or stumble over: malformed, oversized, of other types, with odd properties. */
export function hostileMessages(count: number): AnyMessage[] {
  const bodies: AnyMessage[] = [
    ...wrongJson.map((value) => ({ body: Buffer.from(JSON.stringify(value)) })),
    ...wrongText.map((text) => ({ body: Buffer.from(text) })),
    ...wrongBytes.map((body) => ({ body })),
    ...otherBodies,
  ];
  return Array.from({ length: count }, (_, index) => {
    const body = bodies[index % bodies.length] ?? { body: null };
    const round = Math.floor(index / bodies.length);
    return "bodyType" in body || round === 0
      ? body
      : {
          ...body,
          subject: "\u0000__proto__",
          contentType: "application/x-unknown; q",
          ...odd(round),
        };
  });
}

function odd(round: number): Partial<ServiceBusMessage> {
  return round % 2 === 0
    ? { applicationProperties: { toString: "no function", constructor: 1 } }
    : { correlationId: "x".repeat(1_000), replyTo: "nowhere" };
}
