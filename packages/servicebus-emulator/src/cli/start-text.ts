import type { RunningBroker } from "../start-broker.ts";
import { maskKey } from "./mask-key.ts";

/** What the process prints once it listens: connection strings and addresses, a line each. */
export function startText(
  broker: Pick<RunningBroker, "connectionString" | "adminConnectionString" | "adminUrl">,
  { showsKey }: { readonly showsKey: boolean },
): string {
  const shown = (text: string): string => (showsKey ? text : maskKey(text));
  return [
    `ServiceBusClient: ${shown(broker.connectionString)}`,
    `ServiceBusAdministrationClient: ${shown(broker.adminConnectionString)}`,
    `Health: ${broker.adminUrl}/health`,
    `Entities: ${broker.adminUrl}/entities`,
    "",
  ].join("\n");
}
