import { fileURLToPath } from "node:url";
import type { BlockMode, CloseReport, ConnectionKind, RedisState } from "@fleetquake/contract";
import type { RecoveryObservation } from "@fleetquake/replica";
import { startToldApp, type ToldApp } from "./told-app.ts";

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

export type ConnectionsApp = ToldApp<Methods>;

const APP = fileURLToPath(new URL("apps/connections/app.mjs", import.meta.url));
const CALL_TIMEOUT_IN_MS = 30_000;

/** Starts the sample application as a process of its own. */
export function startConnectionsApp(): Promise<ConnectionsApp> {
  return startToldApp<Methods>(APP, { timeoutInMs: CALL_TIMEOUT_IN_MS });
}
