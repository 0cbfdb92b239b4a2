import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { startBroker } from "@fleetquake/servicebus-emulator";
import { generate } from "selfsigned";
import { expect, it } from "vitest";

/** A replica of a namespace, with a credential that says what it was asked for; it ends by itself when it was. */
const REPLICA = `
  import { createReplicaBus } from "@fleetquake/bus";
  const nothing = () => undefined;
  const credential = {
    getToken: async (scope) => {
      console.log("token for", scope);
      return { token: "not a token of this broker", expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const connection = { namespace: process.argv[1], credential };
  const log = { debug: nothing, info: nothing, error: nothing, warn: (event, { reason }) => console.log(event, reason) };
  const bus = createReplicaBus({ connection, replicaId: "replica", instanceId: "instance", log });
  await bus.start({ onCommand: nothing, onConnected: nothing, onDisconnected: nothing, onDropped: nothing });
  console.log("connected", bus.connected);
  await bus.close();
`;

it("speaks TLS to a namespace, checks its certificate, and shows it a token of the credential", async () => {
  await using broker = await startBroker();
  await using front = await startTlsFront(broker.port);
  const trusting = await runReplica(front.port, { NODE_EXTRA_CA_CERTS: front.certificate });
  expect(trusting).toContain("token for https://servicebus.azure.net");
  // The embedded broker takes no tokens of Entra ID: it is asked, and refuses.
  expect(trusting).toMatch(/bus-connect-failed .*(Unauthorized|token)/i);
  expect(trusting).toContain("connected false");
  expect(front.serverNames).toEqual(new Set(["localhost"]));
  const distrusting = await runReplica(front.port, {});
  expect(distrusting).toMatch(/bus-connect-failed .*self.signed certificate/i);
  expect(distrusting).not.toContain("token for");
});

async function runReplica(port: number, environment: Record<string, string>): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", REPLICA, `localhost:${port}`],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close", { signal: AbortSignal.timeout(20_000) });
  return output;
}

interface TlsFront extends AsyncDisposable {
  readonly port: number;
  /** Path of the certificate, in PEM. */
  readonly certificate: string;
  /** What clients asked for by SNI. */
  readonly serverNames: Set<string>;
}

/** TLS in front of a plain port, with a certificate of its own for localhost. */
async function startTlsFront(target: number): Promise<TlsFront> {
  const directory = await mkdtemp(join(tmpdir(), "fleetquake-bus-"));
  const certificate = join(directory, "front.crt");
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  await writeFile(certificate, pems.cert);
  const serverNames = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer({ key: pems.private, cert: pems.cert }, (client) => {
    serverNames.add(client.servername === false ? "" : (client.servername ?? ""));
    const upstream = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy()).pipe(to);
    }
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address === null || typeof address === "string" ? 0 : address.port,
    certificate,
    serverNames,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
