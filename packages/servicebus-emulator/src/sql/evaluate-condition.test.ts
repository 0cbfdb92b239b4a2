import rhea from "rhea";
import { describe, expect, it } from "vitest";

import { EnqueuedMessage } from "../messages/enqueued-message.ts";
import { MessageContent } from "../messages/message-content.ts";
import { evaluateCondition, type Truth } from "./evaluate-condition.ts";
import { parseCondition } from "./parse-condition.ts";
import { SqlEvaluationError } from "./sql-error.ts";
import { MessageSubject } from "./sql-subject.ts";
import type { SqlValue } from "./sql-value.ts";

const content = MessageContent.parse(
  rhea.message.encode({
    message_id: "id-1",
    subject: "order",
    correlation_id: 7,
    application_properties: {
      a: 5,
      half: 0.5,
      text: "50% off",
      yes: true,
      when: new Date(1000),
      nothing: null,
      "odd name": 1,
      Case: 1,
    },
    body: "x",
  }),
);
const message = new EnqueuedMessage(content, { sequenceNumber: 9, enqueuedAt: 1000 });
const subject = new MessageSubject(message);
const parameters = new Map<string, SqlValue>([
  ["@five", 5n],
  ["@when", new Date(1000)],
]);

function truthOf(expression: string): Truth {
  return evaluateCondition(parseCondition(expression, parameters), subject);
}

describe("conditions", () => {
  it.each([
    "a = 5 AND half < 1",
    "a <> 4 and not a = 4",
    "a != 4 OR missing = 1",
    "2 + 3 * 2 = 8 AND (2 + 3) * 2 = 10",
    "10 - 3 - 2 = 5 AND -a = -5 AND +a = 5 AND - -a = 5",
    "a / 2 = 2 AND a / 2.0 = 2.5 AND a % 3 = 2",
    "1e3 = 1000 AND .5 = half AND 5. = a",
    "text LIKE '50!% %' ESCAPE '!' AND text LIKE '_0%' AND text NOT LIKE '50'",
    "a IN (1, 2 + 3) AND a NOT IN (1, 2)",
    "text = 'it''s' OR text = '50' + '% off'",
    "yes = TRUE AND yes <> false",
    "when = @when AND when >= @when AND a = @five",
    "missing IS NULL AND a IS NOT NULL AND nothing IS NULL AND sys.To IS NULL",
    "EXISTS(a) AND EXISTS(nothing) AND NOT EXISTS(missing) AND EXISTS(user.a)",
    'user.a = 5 AND [odd name] = 1 AND "odd name" = 1 AND case = 1',
    "sys.Label = 'order' AND sys.messageid = 'id-1' AND sys.CorrelationId = '7'",
    "sys.SequenceNumber = 9 AND sys.EnqueuedTimeUtc = @when AND sys.Size > 10",
    "property('a') = 5 AND p('odd name') = 1",
    "NOT (a = 4) AND ((a) = (5))",
    "newid() <> newid()",
  ])("holds: %s", (expression) => {
    expect(truthOf(expression)).toBe(true);
  });

  it.each([
    "a = 4",
    "a = 5 AND a = 4 OR half > 1",
    "NOT a = 5 AND a = 5",
    "text LIKE '50!% %'",
    "text LIKE '%on'",
    "missing = 1 AND a = 4",
    "a NOT IN (5)",
    "EXISTS(sys.ReplyTo)",
  ])("does not hold: %s", (expression) => {
    expect(truthOf(expression)).toBe(false);
  });

  it.each([
    "missing = 1",
    "missing <> 1",
    "NOT missing = 1",
    "missing = missing",
    "missing = 1 AND a = 5",
    "missing = 1 OR a = 4",
    "a NOT IN (4, missing)",
    "missing IN (1)",
    "missing LIKE '%'",
    "missing + 1 = 1",
    "a = 'five'",
    "a < yes",
    "a = NULL",
  ])("is unknown: %s", (expression) => {
    expect(truthOf(expression)).toBeUndefined();
  });

  it.each(["a / 0 = 1", "a % 0 = 1", "text - 1 = 1", "9223372036854775807 + a > 0", "p(a) = 1"])(
    "cannot be worked out: %s",
    (expression) => {
      expect(() => truthOf(expression)).toThrow(SqlEvaluationError);
    },
  );
});

describe("refusals", () => {
  it.each([
    ["", "position 1"],
    ["a", "A condition"],
    ["a =", "position 4"],
    ["a = 1 b", "Unexpected 'b' at position 7"],
    ["a = 1 AND", "position 10"],
    ["(a = 1", "')'"],
    ["a AND b = 1", "A condition"],
    ["(a = 1) + 1 = 2", "A value"],
    ["(a = 1) = TRUE", "A value"],
    ["a LIKE 'x' ESCAPE 'ab'", "ESCAPE"],
    ["a NOT = 1", "IN or LIKE"],
    ["a IN ()", "the name of a property"],
    ["1 IS NULL", "IS [NOT] NULL"],
    ["sys.Colour = 1", "no system property 'sys.Colour'"],
    ["lower(a) = 'x'", "no function 'lower'"],
    ["a = @missing", "'@missing' has no value"],
    ["a = 'open", "Unexpected ''' at position 5"],
    ["a = 1; b = 2", "Unexpected ';'"],
    ["a = 99999999999999999999", "64 bits"],
    ["a = b c", "Unexpected 'c'"],
    ["and = 1", "Unexpected 'and'"],
    [`a = '${"x".repeat(1024)}'`, "longer than 1024"],
  ])("refuses %j and says %s", (expression, reason) => {
    expect(() => parseCondition(expression, parameters)).toThrow(reason);
  });
});
