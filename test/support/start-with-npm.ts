import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";
import { commandOf, isProcessAlive, processTree } from "./process-tree.ts";
import { waitFor } from "./wait-for.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY_TIMEOUT_IN_MS = 90_000;
const END_TIMEOUT_IN_MS = 30_000;

/** `npm start` of this repository, in a process group of its own as a terminal would give it. */
export class NpmStart implements AsyncDisposable {
  readonly port: number;
  readonly #npm: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #stdout: string[] = [];
  #stderr = "";
  #tree: readonly number[] = [];

  constructor(port: number, env: NodeJS.ProcessEnv) {
    this.port = port;
    this.#npm = spawn("npm", ["start"], {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, APP_PORT: `${port}`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (this.#npm.stdout !== null) {
      createInterface({ input: this.#npm.stdout }).on("line", (line) => this.#stdout.push(line));
    }
    this.#npm.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#ended = new Promise((resolve) => {
      this.#npm.once("close", () => resolve());
    });
  }

  /** What it told the user beside the ready line. */
  get complaints(): string {
    return this.#stderr;
  }

  /** The ready line; from then on `stopAll` knows every process. */
  async ready(): Promise<string> {
    const line = await waitFor(
      () => {
        if (this.#npm.exitCode !== null) {
          return { ended: true as const };
        }
        return this.#stdout.find((text) => text.startsWith("fleetquake ready: "));
      },
      { what: "ready line of npm start", timeoutInMs: READY_TIMEOUT_IN_MS },
    ).catch((cause: unknown) => {
      throw new Error(`npm start printed:\n${this.#stderr}`, { cause });
    });
    if (typeof line !== "string") {
      throw new TypeError(`npm start ended before it was ready:\n${this.#stderr}`);
    }
    this.#tree = processTree(this.#pid);
    return line;
  }

  /** All processes of the fleet at the moment when it was ready, npm and the launcher included. */
  get pids(): readonly number[] {
    return this.#tree;
  }

  /** The launcher itself, below npm. */
  get launcherPid(): number {
    return this.pidsOf("apps/embedded/start.mjs")[0] ?? 0;
  }

  /** The processes whose command line holds a text, for example `apps/worker/bundle/app/main.js`. */
  pidsOf(module: string): readonly number[] {
    return this.#tree.filter((pid) => commandOf(pid).includes(module));
  }

  /** Signals npm alone, as `kill` does. */
  signal(signal: NodeJS.Signals): void {
    this.#npm.kill(signal);
  }

  /** Signals the whole process group, as Ctrl-C does. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.#pid, signal);
  }

  /** Waits for a line of the launcher on stderr. */
  async complaint(pattern: RegExp): Promise<string> {
    const found = await waitFor(() => pattern.exec(this.#stderr)?.[0], {
      what: `complaint ${String(pattern)}`,
      timeoutInMs: END_TIMEOUT_IN_MS,
    });
    return found;
  }

  /** The exit code, or the signal that ended it. */
  async exitCode(): Promise<number | string> {
    return waitFor(() => this.#npm.exitCode ?? this.#npm.signalCode, {
      what: "end of npm start",
      timeoutInMs: END_TIMEOUT_IN_MS,
    });
  }

  /** Waits until no process of the fleet is left; the caller asserts on what comes back, which should be nothing. */
  async processesLeft(timeoutInMs = 10_000): Promise<readonly string[]> {
    const left = (): number[] => this.#tree.filter(isProcessAlive);
    await waitFor(() => left().length === 0, { what: "end", timeoutInMs }).catch(() => undefined);
    return left().map((pid) => `${pid} ${commandOf(pid)}`);
  }

  /** Lets the fleet end in order, which also removes its files; what does not is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const tree = new Set([...this.#tree, ...processTree(this.#pid)]);
    this.signal("SIGTERM");
    const isOver = (): boolean => [...tree].every((pid) => !isProcessAlive(pid));
    await waitFor(isOver, { what: "end", timeoutInMs: END_TIMEOUT_IN_MS }).catch(() => undefined);
    for (const pid of tree) {
      if (isProcessAlive(pid)) {
        process.kill(pid, "SIGKILL");
      }
    }
    await this.#ended;
  }

  get #pid(): number {
    return this.#npm.pid ?? 0;
  }
}

/** Runs `npm start`, on a free port unless one is given. */
export async function startWithNpm(env: NodeJS.ProcessEnv = {}, port?: number): Promise<NpmStart> {
  return new NpmStart(port ?? (await freePort()), env);
}
