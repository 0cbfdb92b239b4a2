import type { AccessPolicy } from "./security/access-policy.ts";
import type { EntityConfiguration } from "./entities/entity-options.ts";

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
  /** The name of the key with all rights. @default "RootManageSharedAccessKey" */
  readonly sharedAccessKeyName?: string;
  /**
   * The key with all rights. A broker that is to come back with the same connection string needs
   * one. @default 256 random bits in base64, new at each start
   */
  readonly sharedAccessKey?: string;
  /** More keys, with fewer rights. */
  readonly sharedAccessPolicies?: readonly AccessPolicy[];
  /** Entities to create at start. */
  readonly entities?: EntityConfiguration;
}
