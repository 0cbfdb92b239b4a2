import { AmqpError } from "./amqp-error.ts";
import { binaryValue, symbolArray, ubyteValue } from "./encode-value.ts";
import { textField } from "./fields.ts";
import { encodeFrame, type Frame, frameType, performative } from "./frame.ts";
import type { FrameSplitter } from "./frame-splitter.ts";

const saslHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0]);
const amqpHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0]);

/** Who a client is, it says later in `$cbs` tokens; SASL only has to let it in. */
const mechanisms = ["MSSBCBS", "ANONYMOUS"];

type Step = "sasl-header" | "sasl-init" | "amqp-header" | "done";

/**
 * The beginning of a connection: SASL header, mechanisms, outcome, AMQP header. The SASL layer may
 * be left out, as the SDK does when it has a signature or a token and no key: it proves nothing.
 */
export class Handshake {
  readonly #send: (bytes: Buffer) => void;
  #step: Step = "sasl-header";

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  get isDone(): boolean {
    return this.#step === "done";
  }

  /** Takes the next 8-byte header, if one is due; false when more bytes are needed. */
  takeHeader(splitter: FrameSplitter): boolean {
    const header = splitter.nextHeader();
    if (header === undefined) {
      return false;
    }
    const isAmqp = header.equals(amqpHeader);
    const isSasl = this.#step === "sasl-header" && header.equals(saslHeader);
    this.#send(isSasl ? saslHeader : amqpHeader);
    if (isSasl) {
      this.#step = "sasl-init";
      this.#sendSasl(performative.saslMechanisms, [symbolArray(mechanisms)]);
    } else if (isAmqp) {
      this.#step = "done";
    } else {
      throw new AmqpError("amqp:not-implemented", "Only AMQP 1.0 is spoken here.");
    }
    return true;
  }

  /** True when a header comes next, and not a frame. */
  get expectsHeader(): boolean {
    return this.#step === "sasl-header" || this.#step === "amqp-header";
  }

  /** Answers the client's choice of a mechanism. @throws AmqpError when it is refused. */
  receive(frame: Frame): void {
    if (frame.type !== frameType.sasl || frame.code !== performative.saslInit) {
      throw new AmqpError("amqp:not-allowed", "Expected sasl-init.");
    }
    const mechanism = textField(frame.fields, 0);
    const isKnown = mechanisms.includes(mechanism);
    this.#sendSasl(performative.saslOutcome, [
      ubyteValue(isKnown ? 0 : 1),
      binaryValue(Buffer.from(isKnown ? "Welcome!" : "Unknown mechanism")),
    ]);
    if (!isKnown) {
      throw new AmqpError("amqp:unauthorized-access", "The SASL mechanism is not supported.");
    }
    this.#step = "amqp-header";
  }

  #sendSasl(code: number, fields: readonly Buffer[]): void {
    this.#send(encodeFrame({ type: frameType.sasl, channel: 0, code }, fields));
  }
}
