import type { BrokerOptions } from "../broker-options.ts";
import type { FaultHooks } from "../faults/fault-hooks.ts";
import { followDisk } from "./follow-disk.ts";
import { Journal } from "./journal.ts";

const defaultCompactAbove = 67_108_864;

/**
 * Opens the journal that the options ask for; undefined when they ask for none.
 *
 * @param dispatch delivers what has waited for the disk.
 * @throws Error when its directory cannot be used.
 */
export function openJournal(
  { data, onWarning }: BrokerOptions,
  hooks: FaultHooks,
  dispatch: () => void,
): Journal | undefined {
  if (data === undefined) {
    return undefined;
  }
  const { directory, compactAboveInBytes } =
    typeof data === "string" ? { directory: data, compactAboveInBytes: undefined } : data;
  return new Journal({
    directory,
    compactAboveInBytes: compactAboveInBytes ?? defaultCompactAbove,
    warn: onWarning ?? warnOfProcess,
    onRefusal: followDisk(hooks, dispatch),
  });
}

function warnOfProcess(text: string): void {
  process.emitWarning(text, "ServiceBusEmulatorWarning");
}
