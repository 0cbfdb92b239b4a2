import type { ServiceBusClient } from "@azure/service-bus";
import type { Clock } from "@fleetquake/contract";

/** The SDK's SAS tokens hold for an hour, and are new each time that it makes one. */
const SAS_TYPE = "servicebus.windows.net:sastoken";
const SAS_REUSED_FOR_IN_MS = 10 * 60_000;

interface Claim {
  readonly token: unknown;
  readonly type: unknown;
  readonly negotiatedAtInMs: number;
}

type Negotiate = (this: unknown, ...args: readonly unknown[]) => unknown;

/**
 * Lets a client's links share what was negotiated for their entity on its connection, as the protocol means it
 * (claims-based security: a claim holds for the connection until it expires). The SDK asks anew for every link, which for
 * the lock of a command is a third of its way. A token that the credential has renewed is always put.
 *
 * A client of another shape stays as it is. Pinned by the exact version of the SDK and by this package's tests.
 */
export function reuseClaims(client: ServiceBusClient, clock: Clock): void {
  const context = readObject(client, "_connectionContext");
  const session = context && readObject(context, "cbsSession");
  const negotiate: unknown = session && Reflect.get(session, "negotiateClaim");
  if (session === undefined || !isNegotiate(negotiate)) {
    return;
  }
  const claims = new Map<unknown, Claim>();
  const negotiateOnce: Negotiate = async function (audience, token, type, ...rest) {
    const nowInMs = clock.monotonicInMs();
    if (holds(claims.get(audience), { token, type, negotiatedAtInMs: nowInMs })) {
      return;
    }
    claims.delete(audience);
    await Reflect.apply(negotiate, session, [audience, token, type, ...rest]);
    claims.set(audience, { token, type, negotiatedAtInMs: nowInMs });
  };
  Reflect.set(session, "negotiateClaim", negotiateOnce);
}

function holds(known: Claim | undefined, asked: Claim): boolean {
  if (known === undefined || known.type !== asked.type) {
    return false;
  }
  const isYoung = asked.negotiatedAtInMs - known.negotiatedAtInMs < SAS_REUSED_FOR_IN_MS;
  return known.token === asked.token || (asked.type === SAS_TYPE && isYoung);
}

function readObject(target: object, name: string): object | undefined {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "object" && value !== null ? value : undefined;
}

function isNegotiate(value: unknown): value is Negotiate {
  return typeof value === "function";
}
