/** What the first bytes of a connection say: which protocol it speaks, or that more are needed. */
export type Protocol = "amqp" | "http" | "unknown" | "undecided";

const amqp = "AMQP";

/** Tells AMQP, whose connections start with its name, from HTTP, whose start with a method. */
export function sniffProtocol(start: Buffer): Protocol {
  const text = start.toString("latin1", 0, amqp.length);
  if (amqp.startsWith(text)) {
    return text.length === amqp.length ? "amqp" : "undecided";
  }
  return /^[A-Z][A-Z-]* ?$/u.test(text) ? "http" : "unknown";
}
