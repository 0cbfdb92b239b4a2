import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { BlockMode, CloseReport, ConnectionKind, RedisState } from "@fleetquake/contract";
import type { RecoveryObservation } from "@fleetquake/replica";

/** An error as one of the application's clients reported it. */
export interface SeenError {
  readonly client: string;
  readonly code: string | null;
  readonly syscall: string | null;
  readonly message: string;
}

/** What the application can be told to do, see `apps/connections/app.mjs`. */
interface Methods {
  track(options: {
    readonly control?: {
      readonly url?: string;
      readonly username?: string;
      readonly password?: string;
      readonly tls?: { readonly ca: string };
    };
  }): null;
  open(kind: string, options: object): unknown;
  taken(): string[];
  bigReads(): { readonly whole: number; readonly broken: number };
  operate(count: number): null;
  startLoad(options: { readonly lanes: number; readonly key: string }): null;
  stopLoad(): { readonly acknowledged: number; readonly errors: readonly string[] };
  beginTransaction(): null;
  stepTransaction(): unknown;
  endTransaction(): unknown;
  blockLoop(spanInMs: number): null;
  beginBlock(options: { readonly mode: BlockMode; readonly durationInMs: number }): null;
  endBlock(): null;
  hangUntilBlocked(options: {
    readonly mode: BlockMode;
    readonly durationInMs: number;
    readonly timeoutInMs: number;
  }): BlockMode | null;
  close(options: {
    readonly force: boolean;
    readonly drainTimeoutInMs?: number;
    readonly expiresAtMonotonicInMs?: number;
  }): {
    readonly report: CloseReport;
    readonly durationInMs: number;
  };
  state(): RedisState;
  recovery(): RecoveryObservation | null;
  errors(): readonly SeenError[];
  addresses(): readonly {
    readonly localAddress: string | null;
    readonly kind: ConnectionKind;
    readonly adopted: boolean;
  }[];
  connecting(): number;
  askControl(endpoint: {
    readonly host: string;
    readonly port: number;
    readonly tls: boolean;
  }): { readonly rows: number; readonly local: readonly string[] } | null;
}

/** A running sample application; `call` waits for its answer. */
export interface ConnectionsApp extends AsyncDisposable {
  call<Name extends keyof Methods>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
}

interface Answer<Result> {
  readonly id: number | "ready";
  readonly result: Result;
  readonly error?: string;
}

const APP = fileURLToPath(new URL("apps/connections/app.mjs", import.meta.url));
const CALL_TIMEOUT_IN_MS = 30_000;

/** Starts the sample application as a process of its own. */
export async function startConnectionsApp(): Promise<ConnectionsApp> {
  const child = fork(APP, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [first] = await once(child, "message", { signal: AbortSignal.timeout(CALL_TIMEOUT_IN_MS) });
  if (first?.id !== "ready") {
    throw new Error("the sample application did not start");
  }
  let lastId = 0;
  return {
    async call<Name extends keyof Methods>(name: Name, ...args: Parameters<Methods[Name]>) {
      lastId += 1;
      const answer = answerTo<ReturnType<Methods[Name]>>(child, lastId);
      child.send({ id: lastId, method: name, args });
      const { result, error } = await answer;
      if (error !== undefined) {
        throw new Error(error);
      }
      return result;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    },
  };
}

/** The application is a plain module: its answers are of the types above by agreement. */
function answerTo<Result>(child: ChildProcess, id: number): Promise<Answer<Result>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail("no answer in time"), CALL_TIMEOUT_IN_MS);
    const stop = (): void => {
      clearTimeout(timer);
      child.off("message", take);
      child.off("exit", died);
    };
    const fail = (reason: string): void => {
      stop();
      reject(new Error(`the sample application: ${reason}`));
    };
    const take = (message: Answer<Result>): void => {
      if (message.id === id) {
        stop();
        resolve(message);
      }
    };
    const died = (): void => fail("it ended");
    child.on("message", take);
    child.on("exit", died);
  });
}
