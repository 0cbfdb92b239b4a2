import { fileURLToPath } from "node:url";
import type { LoadLevel, LoadReport } from "@fleetquake/contract";
import { coresUsed, processUsage, type ProcessUsage } from "./process-usage.ts";
import { startSampleApp, type SampleApp } from "./start-sample-app.ts";

type Answer =
  | { answer: "ready" | "stopped" | "unblocked" | "started-in-thread" | "thread-ended" }
  | { answer: "started"; report: LoadReport; endsAtMonotonicInMs: number }
  | { answer: "failed"; name: string; code: string | null; message: string }
  | { answer: "measured"; meanInMs: number; p99InMs: number };

type AnswerOf<W extends Answer["answer"]> = Extract<Answer, { answer: W }>;

const APP = fileURLToPath(new URL("./apps/load/loaded.mjs", import.meta.url));
const LONG_IN_MS = 300_000;
/** Touching a gigabyte takes a second; a machine that is busy or a small quota make it several. */
const TIMEOUT_IN_MS = 25_000;

/** An application in a process of its own that puts itself under load when it is told so. */
export class LoadedApp implements AsyncDisposable {
  readonly #app: SampleApp;

  private constructor(app: SampleApp) {
    this.#app = app;
  }

  /** Starts the application; it runs the built packages. */
  static async start(env: NodeJS.ProcessEnv = {}): Promise<LoadedApp> {
    const app = new LoadedApp(startSampleApp(APP, env));
    await app.answer("ready");
    return app;
  }

  get pid(): number {
    return this.#app.pid;
  }

  get output(): string {
    return this.#app.output;
  }

  get ended(): SampleApp["ended"] {
    return this.#app.ended;
  }

  /** What it uses now, as an outsider sees it. */
  usage(): ProcessUsage {
    return processUsage(this.#app.pid);
  }

  tell(command: string, parameters: object = {}): void {
    this.#app.send({ command, ...parameters });
  }

  /** @throws Error when the answer does not come in time. */
  answer<W extends Answer["answer"]>(word: W, timeoutInMs = TIMEOUT_IN_MS): Promise<AnswerOf<W>> {
    const fits = (message: unknown): message is AnswerOf<W> =>
      typeof message === "object" && message !== null && "answer" in message
        ? message.answer === word
        : false;
    return this.#app.receive(fits, timeoutInMs);
  }

  async start(level: LoadLevel, spanInMs = LONG_IN_MS): Promise<AnswerOf<"started">> {
    this.tell("start", { level, spanInMs });
    return await this.answer("started");
  }

  /** Asks for a load that is not begun, and says why. */
  async refused(level: LoadLevel): Promise<AnswerOf<"failed">> {
    this.tell("start", { level, spanInMs: LONG_IN_MS });
    return await this.answer("failed");
  }

  async stop(): Promise<void> {
    this.tell("stop");
    await this.answer("stopped");
  }

  /** Watches it for a while: its event loop from inside, the cores that it uses from outside. */
  async watch(spanInMs: number): Promise<AnswerOf<"measured"> & { readonly cores: number }> {
    const before = this.usage();
    this.tell("measure", { spanInMs });
    const measured = await this.answer("measured");
    return { ...measured, cores: coresUsed(before, this.usage()) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app[Symbol.asyncDispose]();
  }
}
