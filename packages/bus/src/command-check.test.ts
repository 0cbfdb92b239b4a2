import { generateKeyPairSync } from "node:crypto";
import { BUS_SCHEMA_VERSION, type CommandMessage } from "@fleetquake/contract";
import { FakeClock } from "@fleetquake/contract/testing";
import { describe, expect, it } from "vitest";
import { CommandCheck } from "./command-check.ts";
import { SIGNATURE_PROPERTY } from "./command-signature.ts";
import { encodeMessage, signMessage } from "./message-body.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const foreign = generateKeyPairSync("ed25519");

const command: CommandMessage = {
  schema: BUS_SCHEMA_VERSION,
  type: "command",
  command_id: "01K9",
  fault: "redis-reset",
  action: "inject",
  parameters: { force: true, drain_timeout_ms: 5_000 },
  target: {},
  epoch: 1,
  issued_at: "2026-01-01T00:00:10.000Z",
  expires_at: "2026-01-01T00:00:15.000Z",
  issuer: "api-1",
};
const issuedAtInMs = Date.parse(command.issued_at);

function makeCheck(keys = [publicKey], clock = new FakeClock()): CommandCheck {
  return new CommandCheck({ keys, clock, startedAtMonotonicInMs: clock.monotonicInMs() });
}

describe("a message on the topic of commands", () => {
  const { body, applicationProperties } = signMessage(encodeMessage(command), privateKey);
  const signature = applicationProperties?.[SIGNATURE_PROPERTY];
  const received = { body, signature, messageId: "m-1", enqueuedAtInMs: issuedAtInMs };

  it("is taken when the API signed it, by whichever of the keys", () => {
    expect(makeCheck().reasonAgainstBody(received)).toBeNull();
    const both = makeCheck([foreign.publicKey, publicKey]);
    expect(both.reasonAgainstBody(received)).toBeNull();
  });

  it("is refused unsigned", () => {
    const reason = makeCheck().reasonAgainstBody({ ...received, signature: undefined });
    expect(reason).toBe("the command is not signed");
  });

  it("is refused when it was signed by somebody else", () => {
    const reason = makeCheck([foreign.publicKey]).reasonAgainstBody(received);
    expect(reason).toContain("signature");
  });

  it("is refused when one bit of its body is another, or when the same JSON is written otherwise", () => {
    for (let index = 0; index < body.length; index += 7) {
      const altered = Buffer.from(body);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(makeCheck().reasonAgainstBody({ ...received, body: altered })).not.toBeNull();
    }
    const spaced = Buffer.from(`${body.toString()} `);
    expect(makeCheck().reasonAgainstBody({ ...received, body: spaced })).not.toBeNull();
  });

  it.each([
    [""],
    ["x"],
    ["A".repeat(88)],
    [`${"A".repeat(86)}==`],
    [7],
    [null],
    [{}],
    [Buffer.alloc(64)],
    [`${String(signature)}\n`],
  ])("is refused with the signature %j", (wrong) => {
    expect(makeCheck().reasonAgainstBody({ ...received, signature: wrong })).not.toBeNull();
  });
});

describe("the age of a command", () => {
  const clock = new FakeClock();
  const checkAtAge = (ageInMs: number): CommandCheck =>
    new CommandCheck({
      keys: [publicKey],
      clock,
      startedAtMonotonicInMs: clock.monotonicInMs() - ageInMs,
    });

  it("is refused when it is higher than the process's: its id and epoch are forgotten with the last process", () => {
    // Sent again 4 s after its issue, to a process that has run for 3.
    expect(checkAtAge(3_000).reasonAgainstAge(command, issuedAtInMs + 4_000)).toContain(
      "before this process started",
    );
  });

  it("is fine otherwise, however late the delivery is read", () => {
    expect(checkAtAge(5_000).reasonAgainstAge(command, issuedAtInMs + 4_000)).toBeNull();
    expect(checkAtAge(50_000).reasonAgainstAge(command, issuedAtInMs)).toBeNull();
  });

  it("is not asked of a roll-call", () => {
    const rollCall: CommandMessage = {
      schema: BUS_SCHEMA_VERSION,
      type: "roll-call",
      issued_at: "2026-01-01T00:00:00.000Z",
      issuer: "api-1",
      heartbeat_interval_ms: 1_000,
      jitter_ms: 0,
    };
    expect(checkAtAge(0).reasonAgainstAge(rollCall, issuedAtInMs)).toBeNull();
  });
});
