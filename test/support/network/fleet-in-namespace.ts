import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JsonAnswer } from "../request-json.ts";

/** What a test asks of a fleet in another namespace. */
export type FleetHostRequest = { readonly id: number } & (
  | { readonly what: "get"; readonly path: string }
  | { readonly what: "post"; readonly path: string; readonly body: object }
  | { readonly what: "client-ids" | "settled-client-ids" }
);

export type FleetHostReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string };

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

const HOST = fileURLToPath(new URL("fleet-host.ts", import.meta.url));
const READY_TIMEOUT_IN_MS = 45_000;
const ANSWER_TIMEOUT_IN_MS = 30_000;
const END_TIMEOUT_IN_MS = 10_000;

/** A fleet of one API and two workers, with its broker, inside a network namespace. */
export class FleetInNamespace implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #replies = new Map<number, (reply: FleetHostReply) => void>();
  #requests = 0;
  #output = "";

  private constructor(namespace: string, redisUrl: string) {
    const node = [process.execPath, "--import", "tsx", HOST, redisUrl];
    this.#child = spawn("ip", ["netns", "exec", namespace, ...node], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => (this.#output += String(chunk)));
    }
    this.#child.on("message", (reply: FleetHostReply) => {
      this.#replies.get(reply.id)?.(reply);
    });
  }

  /** @throws when the fleet does not start. */
  static async start(namespace: string, redisUrl: string): Promise<FleetInNamespace> {
    const fleet = new FleetInNamespace(namespace, redisUrl);
    await fleet.#reply(0, READY_TIMEOUT_IN_MS);
    return fleet;
  }

  async get<T>(path: string): Promise<JsonAnswer<T>> {
    return this.#ask<JsonAnswer<T>>({ what: "get", path });
  }

  async post<T>(path: string, body: object): Promise<JsonAnswer<T>> {
    return this.#ask<JsonAnswer<T>>({ what: "post", path, body });
  }

  /** As CLIENT LIST shows them over a connection that stands already. */
  clientIds(): Promise<readonly string[]> {
    return this.#ask({ what: "client-ids" });
  }

  settledClientIds(): Promise<readonly string[]> {
    return this.#ask({ what: "settled-client-ids" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const exited = once(this.#child, "exit");
      this.#child.disconnect();
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_IN_MS);
      await exited;
      clearTimeout(timer);
    }
  }

  /** The caller says of what type the answer is, as with requestJson. */
  async #ask<T>(request: WithoutId<FleetHostRequest>): Promise<T> {
    this.#requests += 1;
    const id = this.#requests;
    const replied = this.#reply(id, ANSWER_TIMEOUT_IN_MS);
    this.#child.send({ ...request, id });
    return JSON.parse(JSON.stringify(await replied));
  }

  async #reply(id: number, timeoutInMs: number): Promise<unknown> {
    const reply = await new Promise<FleetHostReply>((resolve) => {
      const fail = (error: string): void => resolve({ id, ok: false, error });
      const timer = setTimeout(() => fail(`no reply within ${timeoutInMs} ms`), timeoutInMs);
      const ended = (): void => fail("the fleet's host has ended");
      this.#child.once("exit", ended);
      this.#replies.set(id, (received) => {
        clearTimeout(timer);
        this.#child.off("exit", ended);
        resolve(received);
      });
    });
    this.#replies.delete(id);
    if (!reply.ok) {
      throw new Error(`${reply.error}; it printed: ${this.#output}`);
    }
    return reply.value;
  }
}
