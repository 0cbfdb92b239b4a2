import { nameKey } from "../entities/entity-name.ts";
import { forwardingTarget } from "../entities/forwarding.ts";
import type { ReceivingOptions } from "../entities/entity-options.ts";
import type { JsonObjectReader } from "../json/json-object-reader.ts";

/** A queue or subscription of the file, which may forward. */
export interface ForwardingSource {
  readonly path: string;
  readonly options: ReceivingOptions;
  readonly properties: JsonObjectReader;
}

/**
 * Refuses forwarding to what is not a queue or topic of the file, and to the source itself. Targets may
 * come later in the file, so this is known only once all names (`taken`, as `nameKey` has them) are read.
 */
export function refuseLostForwards(
  sources: readonly ForwardingSource[],
  taken: ReadonlySet<string>,
): void {
  for (const { path, options, properties } of sources) {
    const targets = {
      ForwardTo: options.forwardTo,
      ForwardDeadLetteredMessagesTo: options.forwardDeadLetteredMessagesTo,
    };
    for (const [name, option] of Object.entries(targets)) {
      const target = forwardingTarget(option);
      if (target !== undefined && !taken.has(nameKey(target))) {
        properties.refuse(name, `'${target}' is not the name of a queue or topic of this file`);
      } else if (target !== undefined && nameKey(target) === nameKey(path)) {
        properties.refuse(name, `'${target}' cannot forward to itself`);
      }
    }
  }
}
