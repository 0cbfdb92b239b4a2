import { describeBusConformance } from "@fleetquake/bus/conformance";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { startMicrosoftEmulator, whyNoMicrosoftEmulator } from "../support/microsoft-emulator.ts";

// The SQL Server takes its time.
vi.setConfig({ hookTimeout: 400_000 });

const reason = await whyNoMicrosoftEmulator();

/** The suite has five connections at most where nothing can be restarted; the emulator takes ten. */
describe.skipIf(reason !== null)(
  `on Microsoft's emulator${reason === null ? "" : ` (${reason})`}`,
  () => {
    beforeAll(() => {
      // Its image comes from a registry; what it would clean up is disposed of.
      vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });
    describeBusConformance("the bus on Microsoft's emulator", startMicrosoftEmulator);
  },
);
