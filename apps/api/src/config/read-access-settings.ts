import { readVariable, type Environment } from "@fleetquake/redis";
import type { AccessSettings, EntraSettings } from "../access/access-settings.ts";
import { isLoopbackName } from "../guard/allowed-hosts.ts";
import { ACCESS_VARIABLES } from "./access-variables.ts";
import { isGuid } from "./parse-entra.ts";

/** Tokens of version 1 come from another name; that of the cloud in China is its own. */
const ISSUER_V1 = "https://sts.windows.net";
const ISSUERS_V1: Readonly<Record<string, string>> = {
  "https://login.partner.microsoftonline.cn": "https://sts.chinacloudapi.cn",
  "https://login.chinacloudapi.cn": "https://sts.chinacloudapi.cn",
};

/**
 * Reads how callers authenticate.
 * @param host where the API will listen: on anything but loopback it must be configured
 * @returns null when nothing is configured.
 */
export function readAccessSettings(
  environment: Environment,
  host: string,
  mistakes: string[],
): AccessSettings | null {
  const operate = readVariable(environment, ACCESS_VARIABLES.apiKeysOperate, mistakes);
  const read = readVariable(environment, ACCESS_VARIABLES.apiKeysRead, mistakes);
  const entra = readEntra(environment, mistakes);
  if (read.some((key) => operate.some(({ sha256 }) => sha256 === key.sha256))) {
    mistakes.push(
      "FLEETQUAKE_API_KEYS_READ holds a key of FLEETQUAKE_API_KEYS_OPERATE, which may read anyway: list it once",
    );
  }
  const isMeant = [
    ACCESS_VARIABLES.apiKeysRead,
    ACCESS_VARIABLES.apiKeysOperate,
    ACCESS_VARIABLES.apiAudience,
  ].some(({ name }) => (environment[name]?.trim() ?? "") !== "");
  if (!isMeant && !isLoopbackName(host)) {
    mistakes.push(
      `FLEETQUAKE_HOST must be a loopback address (127.0.0.1, ::1 or localhost) as long as no authentication is configured, and it is ${JSON.stringify(host)}: set FLEETQUAKE_API_KEYS_OPERATE (and FLEETQUAKE_API_KEYS_READ) to SHA-256 hashes of keys, or AZURE_TENANT_ID and FLEETQUAKE_API_AUDIENCE for tokens of Microsoft Entra ID`,
    );
  }
  return isMeant ? Object.freeze({ keys: [...operate, ...read], entra }) : null;
}

function readEntra(environment: Environment, mistakes: string[]): EntraSettings | null {
  const audiences = readVariable(environment, ACCESS_VARIABLES.apiAudience, mistakes);
  const tenant = readVariable(environment, ACCESS_VARIABLES.tenantId, mistakes);
  const authority = readVariable(environment, ACCESS_VARIABLES.entraAuthority, mistakes);
  // Without it the tenant is that of the process's own identity, with which it reaches the bus and Redis.
  if (audiences.length === 0) {
    return null;
  }
  if (tenant === null || !isGuid(tenant)) {
    mistakes.push(
      "AZURE_TENANT_ID must be the tenant's id (a GUID) when FLEETQUAKE_API_AUDIENCE is set: only that tenant's tokens are taken",
    );
    return null;
  }
  const tenantId = tenant.toLowerCase();
  return {
    tenantId,
    audiences,
    issuers: [
      `${authority}/${tenantId}/v2.0`,
      `${ISSUERS_V1[authority] ?? ISSUER_V1}/${tenantId}/`,
    ],
    keysUrl: `${authority}/${tenantId}/discovery/v2.0/keys`,
  };
}
