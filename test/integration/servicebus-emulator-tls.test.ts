import { execFile } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startBroker } from "@fleetquake/servicebus-emulator";
import { expect, it } from "vitest";

import { makeCertificate } from "../support/make-certificate.ts";
import { startEmulator } from "../support/start-emulator-process.ts";

const application = fileURLToPath(
  new URL("../support/apps/servicebus/send-and-receive.mjs", import.meta.url),
);

const { cert, key, certFile, keyFile } = await makeCertificate();

async function runApplication(
  strings: readonly [string, string],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly stdout: string }> {
  return await promisify(execFile)(process.execPath, [application, ...strings], {
    env: { PATH: process.env["PATH"], ...environment },
    timeout: 20_000,
  });
}

it("serves both clients of the SDK over TLS, with a certificate they were told to trust", async () => {
  await using emulator = await startEmulator(["--tls-cert", certFile, "--tls-key", keyFile]);
  const strings = [
    emulator.printed("ServiceBusClient"),
    emulator.printed("ServiceBusAdministrationClient"),
  ] as const;
  expect(strings[0]).not.toContain("UseDevelopmentEmulator");
  expect(emulator.printed("Health")).toMatch(/^https:/u);
  const trusting = { NODE_EXTRA_CA_CERTS: certFile };
  expect((await runApplication(strings, trusting)).stdout).toBe("hello\n");
  await expect(runApplication(strings, {})).rejects.toThrow(/self-signed|certificate/u);
});

it("talks to nobody who does without TLS, and goes on serving those who use it", async () => {
  await using broker = await startBroker({ tls: { cert, key } });
  for (const start of ["AMQP\u0003\u0001\u0000\u0000", "GET /health HTTP/1.1\r\n\r\n", "\u0016"]) {
    const answer = await new Promise<string>((resolve) => {
      let received = "";
      const socket = connectTcp(broker.port, "127.0.0.1", () => socket.end(start));
      socket.on("data", (chunk) => (received += chunk.toString("latin1")));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve(received);
      });
    });
    expect(answer).not.toMatch(/AMQP|HTTP|ok/u);
  }
  const strings = [broker.connectionString, broker.adminConnectionString] as const;
  const trusting = { NODE_EXTRA_CA_CERTS: certFile };
  expect((await runApplication(strings, trusting)).stdout).toBe("hello\n");
});

it("refuses a key that is not the certificate's, and shows neither", async () => {
  const other = await makeCertificate();
  const refused = startBroker({ tls: { cert, key: other.key } });
  await expect(refused).rejects.toThrow("its own private key");
  await expect(refused).rejects.not.toThrow("PRIVATE KEY");
});
