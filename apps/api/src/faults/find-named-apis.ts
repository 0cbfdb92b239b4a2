import type { MemberError } from "@fleetquake/contract";
import type { FleetControl } from "../ports/fleet-control.ts";

const API_ROLE = "api";

/** The mistakes of a target that names, by role or by id, APIs for a hang of the process. */
export function findNamedApis(
  target: { readonly role?: string; readonly replicas?: readonly string[] } | undefined,
  fleet: Pick<FleetControl, "replica">,
): readonly MemberError[] {
  const detail =
    "must not be an API with scope process: an API that hangs answers nobody, and could not be released";
  const byRole = target?.role === API_ROLE ? [{ path: "/target/role", detail }] : [];
  const byId = (target?.replicas ?? []).flatMap((id, index) =>
    fleet.replica(id)?.role === API_ROLE
      ? [{ path: `/target/replicas/${index}`, detail: `(${id}) ${detail}` }]
      : [],
  );
  return [...byRole, ...byId];
}
