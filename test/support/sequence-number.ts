import type { ServiceBusReceivedMessage } from "@azure/service-bus";

/** A sequence number as the SDK has it: a whole number of 64 bits. */
export type SequenceNumber = NonNullable<ServiceBusReceivedMessage["sequenceNumber"]>;

/** The sequence number of a received message. @throws Error when it has none. */
export function numberOf({ sequenceNumber }: ServiceBusReceivedMessage): SequenceNumber {
  if (sequenceNumber === undefined) {
    throw new Error("A received message has a sequence number.");
  }
  return sequenceNumber;
}

/** Another number of the same type. */
export function numberLike(sample: SequenceNumber, value: number): SequenceNumber {
  return sample.sub(sample).add(value);
}
