import type { LogFields } from "@fleetquake/contract";
import type { CloseOptions, ReplicaMemory, ReplicaReport } from "@fleetquake/replica";
import type { ConnectionPicture } from "../sockets/connection-picture.ts";
import type { ForeignClose } from "../sockets/connection-set.ts";
import type { RedisTokenCredentials } from "../tokens/redis-token-source.ts";
import type { TokenExpiryRefusal, TokenExpiryRequest } from "../tokens/token-expiry-request.ts";
import type { CloseResult } from "./close-result.ts";
import type { ControlAnswer, ControlCall } from "./control-call.ts";

/** What the application's thread tells the agent's thread. */
export type ToThread =
  /** The connections as they are now; sent when they have changed, and around every close. */
  | { readonly type: "connections"; readonly picture: ConnectionPicture }
  | { readonly type: "close-done"; readonly requestId: number; readonly result: CloseResult }
  | {
      readonly type: "token-expiry-done";
      readonly requestId: number;
      /** null: it is as it was asked for. */
      readonly refusal: TokenExpiryRefusal | null;
    }
  /** The control connection is to use these from now on. */
  | { readonly type: "redis-credentials"; readonly credentials: RedisTokenCredentials }
  | { readonly type: "control-call"; readonly callId: number; readonly call: ControlCall }
  /** The process is exiting and waits a moment for the goodbye. */
  | { readonly type: "farewell" }
  /** Say goodbye, close everything, answer `stopped`. */
  | { readonly type: "stop" };

/** What the agent's thread tells the application's thread. */
export type FromThread =
  | {
      readonly type: "status";
      readonly busConnected: boolean;
      readonly isAnnounced: boolean;
      readonly memory: ReplicaMemory;
    }
  /** Close the connections, if `claim` can still be taken. */
  | {
      readonly type: "close";
      readonly requestId: number;
      readonly options: Omit<CloseOptions, "onClosed">;
      readonly claim: SharedArrayBuffer;
    }
  /** The connections were closed while the application's loop stood still. */
  | {
      readonly type: "closed-from-outside";
      readonly commandId: string;
      readonly close: ForeignClose;
      readonly result: CloseResult;
    }
  /** An expiry of the application's tokens is to begin or to end. */
  | { readonly type: "token-expiry"; readonly request: TokenExpiryRequest }
  /** A hang of the event loop may be asked for. */
  | { readonly type: "hang-loop" }
  | { readonly type: "control-answer"; readonly callId: number; readonly answer: ControlAnswer }
  | {
      readonly type: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly event: string;
      readonly fields: LogFields;
    }
  /** What the replica did and how it came back; only where the application wants to know. */
  | { readonly type: "report"; readonly report: ReplicaReport }
  | { readonly type: "stopped" };
