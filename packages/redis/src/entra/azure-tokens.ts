import type { TokenCredential } from "@azure/identity";
import { readObjectId } from "./token-claims.ts";
import type { RedisToken } from "./redis-token.ts";

/** The audience of Azure Managed Redis and Azure Cache for Redis. */
const SCOPE = "https://redis.azure.com/.default";

/** Which identity of Azure the process uses for Redis. */
export interface EntraSettings {
  /** A user-assigned managed identity's, or an application's; null: whatever the process has. */
  readonly clientId: string | null;
  readonly tenantId: string | null;
  /** The user at the server; null: the object id that stands in the token. */
  readonly objectId: string | null;
}

/** Gets a token, from the network or from wherever its library keeps it. */
export type FetchToken = (abortSignal: AbortSignal) => Promise<RedisToken>;

/**
 * Gets tokens by DefaultAzureCredential. @azure/identity is loaded by the first call: it costs 30 MB, and most
 * applications need none of it.
 */
export function azureTokens(settings: EntraSettings): FetchToken {
  let loading: Promise<TokenCredential> | null = null;
  return async (abortSignal) => {
    loading ??= loadCredential(settings);
    const credential = await loading;
    const token = await credential.getToken(SCOPE, { abortSignal });
    if (token === null) {
      throw new Error("no credential of this process has a token for Redis");
    }
    const username = settings.objectId ?? readObjectId(token.token);
    if (username === null) {
      throw new Error(
        "the token names no object id (claim oid): set FLEETQUAKE_REDIS_OBJECT_ID to the identity's",
      );
    }
    return {
      username,
      password: token.token,
      expiresAtInMs: token.expiresOnTimestamp,
      refreshAfterInMs: token.refreshAfterTimestamp ?? null,
    };
  };
}

async function loadCredential({ clientId, tenantId }: EntraSettings): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential({
    ...(clientId === null ? {} : { managedIdentityClientId: clientId }),
    ...(tenantId === null ? {} : { tenantId }),
  });
}
