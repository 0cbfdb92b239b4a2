import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { makeCertificate } from "./make-certificate.ts";

export interface StartRedisOptions {
  /** Also listens with TLS; the certificate names localhost and 127.0.0.1. */
  readonly tls?: boolean;
  /** A port chosen before, to bring a server up where one was missed; default: a free one. */
  readonly port?: number;
  /** Further arguments of redis-server, for example `["--maxclients", "10"]`. */
  readonly args?: readonly string[];
}

/** A redis-server of its own on free ports of 127.0.0.1, without persistence. */
export interface StartedRedis extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort?: number;
  /** The certificate that signs the server's, in PEM. */
  readonly ca?: string;
  readonly url: string;
  /** Path of its Unix socket. */
  readonly socketPath: string;
  readonly pid: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const START_TIMEOUT_IN_MS = 10_000;
const STOP_TIMEOUT_IN_MS = 3_000;
const PORT_TAKEN = "Address already in use";
const PORT_ATTEMPTS = 3;

/**
 * Starts redis-server and waits until it answers; where another process was faster on a free port, on another one.
 * @throws when it ends or does not answer in time; the message carries its output.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<StartedRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(options);
    } catch (error) {
      const hasLostRace = options.port === undefined && String(error).includes(PORT_TAKEN);
      if (!hasLostRace || attempt === PORT_ATTEMPTS) {
        throw error;
      }
    }
  }
}

async function launch(options: StartRedisOptions): Promise<StartedRedis> {
  const directory = await mkdtemp(join(tmpdir(), "fleetquake-redis-"));
  const port = options.port ?? (await freePort());
  const socketPath = join(directory, "redis.sock");
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--unixsocket", socketPath];
  args.push("--save", "", "--appendonly", "no", "--dir", directory);
  const tls = options.tls === true ? await prepareTls(directory) : undefined;
  const server = spawn("redis-server", [...args, ...(tls?.args ?? []), ...(options.args ?? [])], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  server.stdout.on("data", (chunk) => (output += String(chunk)));
  server.stderr.on("data", (chunk) => (output += String(chunk)));
  const stop = async (): Promise<void> => {
    await end(server);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilAnswering(socketPath, server);
  } catch (cause) {
    await stop();
    throw new Error(`redis-server did not start: ${output}`, { cause });
  }
  return {
    port,
    ...(tls === undefined ? {} : { tlsPort: tls.port, ca: tls.ca }),
    url: `redis://127.0.0.1:${port}`,
    socketPath,
    pid: server.pid ?? 0,
    process: server,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function prepareTls(
  directory: string,
): Promise<{ readonly port: number; readonly ca: string; readonly args: readonly string[] }> {
  const { cert, certFile, keyFile } = await makeCertificate(directory);
  const port = await freePort();
  const args = ["--tls-port", String(port), "--tls-cert-file", certFile];
  args.push("--tls-key-file", keyFile, "--tls-ca-cert-file", certFile, "--tls-auth-clients", "no");
  return { port, ca: cert, args };
}

/** Asked by its own socket: on the port another server may answer. */
async function untilAnswering(socketPath: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_IN_MS;
  let cause: unknown;
  while (performance.now() < deadline && server.exitCode === null) {
    try {
      await ping(socketPath);
      return;
    } catch (error) {
      cause = error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`no answer at ${socketPath}`, { cause });
}

/** Any reply will do: with `requirepass` PING is answered with an error. */
async function ping(socketPath: string): Promise<void> {
  const socket = connect(socketPath);
  try {
    socket.write("PING\r\n");
    await once(socket, "data", { signal: AbortSignal.timeout(1_000) });
  } finally {
    socket.destroy();
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) {
    return;
  }
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  // A stopped process hears SIGTERM only once it goes on.
  server.kill("SIGCONT");
  const timer = setTimeout(() => server.kill("SIGKILL"), STOP_TIMEOUT_IN_MS);
  await exited;
  clearTimeout(timer);
}
