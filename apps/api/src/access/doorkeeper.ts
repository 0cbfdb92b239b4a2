import type { IncomingMessage } from "node:http";
import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "@fleetquake/contract";
import type { AllowedHosts } from "../guard/allowed-hosts.ts";
import { checkCaller } from "../guard/check-caller.ts";
import { ProblemError } from "../problems/problem-error.ts";
import type { AccessControl } from "./access-control.ts";
import { auditGrant, auditRefusal, auditWithheld, type AuditSubject } from "./audit-log.ts";
import { anonymousCaller, suffices, type Caller, type Role } from "./caller.ts";
import { FailedLogins } from "./failed-logins.ts";
import { isChaosWrite, isProbeRoute, neededRole } from "./needed-role.ts";
import { refusedCredential } from "./refused-credential.ts";

export interface DoorkeeperOptions {
  readonly allowedHosts: AllowedHosts;
  /** null: no authentication is configured, everybody on this machine may do everything. */
  readonly access: AccessControl | null;
  readonly clock: Clock;
}

/** A probe answers within a second; who asks must be known before that, or stays unknown. */
const PROBE_PATIENCE_IN_MS = 400;

/** Decides on every request whether it is let in, as whom, and leaves a trace in the audit log. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions;
  readonly #failedLogins: FailedLogins;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
    this.#failedLogins = new FailedLogins(options.clock);
  }

  /**
   * Lets a request in.
   * @param route the pattern of the route that will answer; undefined when none will
   * @param log adds the request's id to what it writes
   * @throws {ProblemError} 400, 401, 403, 429 or 503.
   */
  async admit(
    request: IncomingMessage,
    route: string | undefined,
    log: FastifyBaseLogger,
  ): Promise<Caller> {
    const remoteAddress = request.socket.remoteAddress ?? "unknown";
    const { method = "", url = "" } = request;
    const subject: AuditSubject = {
      method,
      route,
      url,
      remoteAddress,
      caller: anonymousCaller(remoteAddress, "none").name,
    };
    try {
      checkCaller(request, {
        ...this.#options.allowedHosts,
        allowsProxies: this.#options.access !== null,
      });
      const caller = await this.#identify(request, subject, log);
      if (isChaosWrite(subject)) {
        auditGrant(log, { ...subject, caller: caller.name });
      }
      return caller;
    } catch (error) {
      this.#auditError(error, subject, log);
      throw error;
    }
  }

  async #identify(
    request: IncomingMessage,
    subject: AuditSubject,
    log: FastifyBaseLogger,
  ): Promise<Caller> {
    const { access } = this.#options;
    if (access === null) {
      return anonymousCaller(subject.remoteAddress, "operate");
    }
    if (isProbeRoute(subject.route)) {
      return await this.#identifyProbe(access, request, { subject, log });
    }
    const caller = await this.#identifyOrCount(access, request, subject);
    if (caller === null) {
      throw refusedCredential(
        "credential-missing",
        "This needs a credential: `X-API-Key`, or `Authorization: Bearer` with an access token of Microsoft Entra ID.",
      );
    }
    demandRole(caller, neededRole(subject));
    return caller;
  }

  /** Probes answer everybody: with detail whoever may read, without it all others, and nobody waits for Entra ID. */
  async #identifyProbe(
    access: AccessControl,
    request: IncomingMessage,
    { subject, log }: { readonly subject: AuditSubject; readonly log: FastifyBaseLogger },
  ): Promise<Caller> {
    const nobody = anonymousCaller(subject.remoteAddress, "none");
    if (subject.route === "/livez") {
      return nobody;
    }
    const known = this.#identifyOrCount(access, request, subject).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) {
        throw error;
      }
      auditWithheld(log, subject, error);
      return nobody;
    });
    return (await this.#soon(known)) ?? nobody;
  }

  async #identifyOrCount(
    access: AccessControl,
    request: IncomingMessage,
    { remoteAddress }: { readonly remoteAddress: string },
  ): Promise<Caller | null> {
    try {
      return await access.identify(request);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "UNAUTHENTICATED") {
        throw error;
      }
      const waitInMs = this.#failedLogins.record(remoteAddress);
      throw waitInMs === 0 ? error : tooManyFailures(waitInMs, error);
    }
  }

  /** What a promise resolves to, or null when that takes too long for a probe. */
  #soon<T>(promise: Promise<T | null>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(PROBE_PATIENCE_IN_MS, () => resolve(null));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #auditError(error: unknown, subject: AuditSubject, log: FastifyBaseLogger): void {
    if (error instanceof ProblemError && error.code !== "MALFORMED_REQUEST") {
      auditRefusal(log, { ...subject, caller: error.options.caller ?? subject.caller }, error);
    }
  }
}

function demandRole(caller: Caller, needed: Role): void {
  if (!suffices(caller.role, needed)) {
    const roleName = needed === "operate" ? "Operate" : "Read";
    throw new ProblemError(
      "FORBIDDEN",
      `This needs the role Chaos.${roleName}, or a key of FLEETQUAKE_API_KEYS_${roleName.toUpperCase()}; the credential is good, but has less.`,
      { reason: "role-missing", caller: caller.name },
    );
  }
}

function tooManyFailures(waitInMs: number, cause: ProblemError): ProblemError {
  return new ProblemError(
    "TOO_MANY_FAILURES",
    "Too many credentials from this address were refused, and this one was too; a good one is taken at any time.",
    { cause, reason: cause.options.reason ?? "too-many-failures", retryAfterInMs: waitInMs },
  );
}
