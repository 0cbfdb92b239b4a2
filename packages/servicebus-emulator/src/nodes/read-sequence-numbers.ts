import { decodeError } from "../amqp/amqp-error.ts";
import type { AmqpMap } from "../amqp/amqp-value.ts";

/** The numbers of messages in a request. @throws AmqpError amqp:decode-error */
export function readSequenceNumbers(body: AmqpMap): readonly number[] {
  const numbers = body.get("sequence-numbers");
  if (!Array.isArray(numbers)) {
    throw decodeError("sequence-numbers must be an array of longs.");
  }
  return numbers.map((number) => {
    if (typeof number !== "number" && typeof number !== "bigint") {
      throw decodeError("sequence-numbers must be an array of longs.");
    }
    // Numbers beyond what is exact are none of ours and will not be found.
    return Number(number);
  });
}
