import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { expect, it } from "vitest";

import { allowEmulator } from "./allow-emulator.ts";

it("adds its policy to the pipeline of the real client, and returns the client", () => {
  const client = new ServiceBusAdministrationClient(
    "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=k",
  );
  expect(allowEmulator(client)).toBe(client);
  const names = client.pipeline.getOrderedPolicies().map(({ name }) => name);
  expect(names).toContain("servicebus-emulator-plain-http");
});
