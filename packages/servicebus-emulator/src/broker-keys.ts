import { randomBytes } from "node:crypto";

import type { BrokerOptions } from "./broker-options.ts";
import type { AccessPolicy } from "./security/access-policy.ts";

/** The keys of a broker: the first has all rights and stands in the connection string. */
export type BrokerKeys = readonly [AccessPolicy, ...AccessPolicy[]];

/** The keys that the options ask for; the first is random unless it is given. */
export function brokerKeys(options: BrokerOptions): BrokerKeys {
  const root: AccessPolicy = {
    name: options.sharedAccessKeyName ?? "RootManageSharedAccessKey",
    key: options.sharedAccessKey ?? randomBytes(32).toString("base64"),
    rights: ["Manage", "Send", "Listen"],
  };
  return [root, ...(options.sharedAccessPolicies ?? [])];
}

/** Where a connection string leads. */
export interface BrokerAddress {
  /** `host:port` */
  readonly address: string;
  readonly usesTls: boolean;
}

/** A connection string with the first key. */
export function connectionString({ address, usesTls }: BrokerAddress, [root]: BrokerKeys): string {
  return [
    `Endpoint=sb://${address}`,
    `SharedAccessKeyName=${root.name}`,
    `SharedAccessKey=${root.key}`,
    // Tells the client to do without TLS.
    ...(usesTls ? [] : ["UseDevelopmentEmulator=true"]),
  ].join(";");
}
