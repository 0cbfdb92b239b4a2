import rhea from "rhea";
import { expect, it } from "vitest";

import { LockTokenSource } from "../entities/lock-token.ts";
import { ManualClock } from "../entities/manual-clock.ts";
import { Namespace } from "../entities/namespace.ts";
import { noFaults } from "../faults/fault-hooks.ts";
import { MessageContent } from "../messages/message-content.ts";
import { manage } from "./manage.ts";

it.each(["no-such-operation", "constructor", "toString", "__proto__", ""])(
  "refuses the operation %j, which there is not",
  (operation) => {
    const namespace = new Namespace({
      clock: new ManualClock(),
      lockTokens: new LockTokenSource(),
      faults: noFaults(),
      notFoundText: (path) => path,
    });
    const request = MessageContent.parse(
      rhea.message.encode({ application_properties: { operation }, body: {} }),
    );
    const entity = namespace.createQueue("q", {});
    const context = {
      entity,
      holders: new Map(),
      demand: () => undefined,
      demandChange: () => undefined,
    };
    expect(() => manage(request, { ...context, subQueue: "none" })).toThrow(
      expect.objectContaining({ condition: "amqp:not-implemented" }),
    );
  },
);
