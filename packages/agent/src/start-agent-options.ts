import type { Fault, Log } from "@fleetquake/contract";
import type { ReplicaReport } from "@fleetquake/replica";
import type { ControlCredentialsOptions } from "./control/control-credentials.ts";
import type { RedisTokenSource } from "./tokens/redis-token-source.ts";

/** Where the bus is; with a namespace the agent uses DefaultAzureCredential. */
export type AgentBus =
  | { readonly connectionString: string; readonly administrationConnectionString?: string }
  | { readonly namespace: string };

/** How an application takes part in the fleet. */
export interface StartAgentOptions {
  /** A Service Bus connection string, or a namespace to which the process has an Azure identity. */
  readonly bus: string | AgentBus;
  /** What the process is in the fleet; resets can be aimed at a role. @default "worker" */
  readonly role?: string;
  /** Further marks that resets can be aimed at. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** The faults that the application consents to; all others are refused. @default ["redis-reset"] */
  readonly allow?: readonly Fault[];
  /**
   * Credentials of the agent's own for CLIENT LIST and CLIENT UNBLOCK, with which a drain knows when a connection is
   * idle; absent: it is inferred from silence. The server's address also lets connections count before their first
   * byte. false: the application uses no Redis.
   */
  readonly redis?: ControlCredentialsOptions | false;
  /**
   * Short-lived credentials that the application's connections use, a token of Microsoft Entra ID for example: a reset
   * waits for a refresh that is under way, the agent's own connection uses the newest, and the fault `token-expiry` is
   * injected through it. @default none: what is in `redis` does not change, and `token-expiry` is refused
   */
  readonly redisTokens?: RedisTokenSource;
  /** Unique in the fleet. @default FLEETQUAKE_REPLICA_ID, else `<container app replica or host name>-<process id>` */
  readonly replicaId?: string;
  /**
   * The Ed25519 public key of the fleet's API: SPKI as PEM or base64 DER; several, while keys are changed, as PEM
   * blocks or separated by commas. Commands that none of them signed are dropped and counted.
   * @default none: whoever may send to the topic of commands commands
   */
  readonly commandPublicKey?: string;
  /** Where the agent reports to. @default nowhere */
  readonly log?: Log;
  /**
   * Is told in the application's own thread what this process did for a command and how it came back, with the operation
   * that the command was part of (W3C Trace Context), for telemetry. Must not throw. @default nobody
   */
  readonly onReport?: (report: ReplicaReport) => void;
  /** Milliseconds between heartbeats until an API replica sets the fleet's. @default 1000 */
  readonly heartbeatIntervalInMs?: number;
}
