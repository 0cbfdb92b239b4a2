import { describeBusConformance } from "@fleetquake/bus/conformance";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { describe } from "vitest";

describeBusConformance("the bus on the embedded broker", async () => {
  let broker = await startBroker();
  const { port, connectionString } = broker;
  const sharedAccessKey = /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1] ?? "";
  return {
    connection: { connectionString },
    restart: async () => {
      await broker.stop();
      broker = await startBroker({ port, sharedAccessKey });
    },
    [Symbol.asyncDispose]: () => broker.stop(),
  };
});

/** Any broker that the SDK talks to; nothing else may run on it meanwhile. */
const connectionString = process.env["FLEETQUAKE_TEST_BUS_CONNECTION_STRING"] ?? "";
const isMissing = connectionString === "";
process.stdout.write(
  isMissing
    ? "skipped: the bus on another broker, FLEETQUAKE_TEST_BUS_CONNECTION_STRING is not set\n"
    : "",
);

describe.skipIf(isMissing)("with FLEETQUAKE_TEST_BUS_CONNECTION_STRING", () => {
  describeBusConformance("the bus on another broker", () =>
    Promise.resolve({
      connection: { connectionString },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  );
});
