import type { CommandPage } from "@fleetquake/contract";
import type { MatrixFleet } from "./matrix-fleet.ts";

/** The commands in the ledgers of all running APIs, the newest hundred of each. */
export async function commandIds({ apis, fleet }: MatrixFleet): Promise<ReadonlySet<string>> {
  const pages = await Promise.all(
    apis.map((api) => fleet.get<CommandPage>("/chaos/commands?limit=100", { api })),
  );
  return new Set(pages.flatMap(({ body }) => body.commands.map(({ command_id: id }) => id)));
}
