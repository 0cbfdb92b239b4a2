import { jwtVerify, type JWTPayload, type JWTVerifyResult } from "jose";
import type { Clock, Log } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";
import type { EntraSettings } from "./access-settings.ts";
import type { Caller, Role } from "./caller.ts";
import { describeTokenFault } from "./describe-token-fault.ts";
import { EntraKeys } from "./entra-keys.ts";
import { fetchJson } from "./fetch-json.ts";
import { refusedCredential } from "./refused-credential.ts";

/** RSA alone, as Entra ID signs; above all neither `none` nor HMAC, for which a public key would be the secret. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
/** The tenant's keys must be here by then, or a token cannot be checked. */
const FETCH_TIMEOUT_IN_MS = 3_000;
/** Machines' clocks differ. */
const CLOCK_TOLERANCE_IN_SECONDS = 60;
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt"]);
/** Claims of ID tokens, which say who signed in to an application, and are none of an API's business. */
const CLAIMS_OF_ID_TOKENS = ["nonce", "at_hash", "c_hash"] as const;
const IDENTIFIER = /^[A-Za-z0-9._-]{1,128}$/;

export interface EntraTokensOptions {
  readonly settings: EntraSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** Checks access tokens of Microsoft Entra ID. */
export class EntraTokens {
  readonly #options: EntraTokensOptions;
  readonly #keys: EntraKeys;

  constructor(options: EntraTokensOptions) {
    this.#options = options;
    const { settings, clock, log } = options;
    this.#keys = new EntraKeys({
      fetchKeys: () => fetchJson(settings.keysUrl, FETCH_TIMEOUT_IN_MS),
      clock,
      log,
    });
  }

  /**
   * Says whose token it is and which role it carries.
   * @throws {ProblemError} 401 for a token that is not good here, 503 when the tenant's keys cannot be had.
   */
  async verify(token: string): Promise<Caller> {
    const { payload, protectedHeader } = await this.#verified(token);
    const type = protectedHeader.typ?.toLowerCase() ?? "jwt";
    if (!TYPES.has(type) || CLAIMS_OF_ID_TOKENS.some((claim) => claim in payload)) {
      throw refusedCredential("token-type", "The token is no access token.");
    }
    if (payload["tid"] !== this.#options.settings.tenantId) {
      throw refusedCredential("token-tenant", "The token is not of this API's tenant.");
    }
    return { name: `entra:${subjectOf(payload)}`, role: roleOf(payload["roles"]) };
  }

  async #verified(token: string): Promise<JWTVerifyResult> {
    const { settings, clock } = this.#options;
    try {
      return await jwtVerify(token, (header, input) => this.#keys.find(header, input), {
        algorithms: ALGORITHMS,
        issuer: [...settings.issuers],
        audience: [...settings.audiences],
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_TOLERANCE_IN_SECONDS,
        currentDate: new Date(clock.nowInMs()),
      });
    } catch (error) {
      throw error instanceof ProblemError ? error : describeTokenFault(error);
    }
  }
}

/** The object id of the person or application, else the application's id. */
function subjectOf(payload: JWTPayload): string {
  const subject = [payload["oid"], payload["appid"], payload["azp"]].find(
    (id): id is string => typeof id === "string" && IDENTIFIER.test(id),
  );
  if (subject === undefined) {
    throw refusedCredential("token-subject", "The token does not say whose it is (oid, appid).");
  }
  return subject;
}

function roleOf(roles: unknown): Role {
  const names: readonly unknown[] = Array.isArray(roles) ? roles : [];
  if (names.includes("Chaos.Operate")) {
    return "operate";
  }
  return names.includes("Chaos.Read") ? "read" : "none";
}
