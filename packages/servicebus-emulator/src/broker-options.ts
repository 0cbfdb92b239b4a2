import type { AccessPolicy } from "./security/access-policy.ts";
import type { EntityConfiguration } from "./entities/entity-options.ts";

/** A certificate and its private key, both in PEM. */
export interface TlsOptions {
  /** The server's certificate, followed by those between it and the authority. */
  readonly cert: string;
  /** Without passphrase. */
  readonly key: string;
}

/** Where and how a broker keeps what it holds. */
export interface DataOptions {
  /** The directory, for this broker alone; made if it is not there. */
  readonly directory: string;
  /** The journal in it is written anew, without what is over, above this size in bytes. @default 67108864 */
  readonly compactAboveInBytes?: number;
}

/** How a broker starts. */
export interface BrokerOptions {
  /** The loopback address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** The port of AMQP, and of the admin REST. 0 takes any that is free. @default 0 */
  readonly port?: number;
  /**
   * One more port for the admin REST, which `port` serves in any case. 0 means none.
   * @default 0
   */
  readonly adminPort?: number;
  /** TLS on every port, with this certificate: amqps and https, and nothing else. None unless set. */
  readonly tls?: TlsOptions;
  /**
   * Whether the admin port takes `PUT` and `DELETE /faults/<name>` from a key with Manage. `faults` of
   * the running broker works in any case. @default false
   */
  readonly faults?: boolean;
  /** The name of the key with all rights. @default "RootManageSharedAccessKey" */
  readonly sharedAccessKeyName?: string;
  /**
   * The key with all rights. A broker that is to come back with the same connection string needs
   * one. @default 256 random bits in base64, new at each start
   */
  readonly sharedAccessKey?: string;
  /** More keys, with fewer rights. */
  readonly sharedAccessPolicies?: readonly AccessPolicy[];
  /** Entities to create at start. Those that `data` brings back stay as they were. */
  readonly entities?: EntityConfiguration;
  /**
   * Keeps entities and messages in this directory over a restart: what was acknowledged is on the disk.
   * Unless set, all lives in memory.
   */
  readonly data?: string | DataOptions;
  /**
   * Hears, a sentence at a time, what went wrong with the disk below `data`, and what was done about it.
   * @default process.emitWarning
   */
  readonly onWarning?: (text: string) => void;
}
