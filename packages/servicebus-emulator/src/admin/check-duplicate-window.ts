import { parseDuration } from "../entities/duration.ts";
import { invalidEntity } from "../entities/entity-error.ts";
import type { DuplicateDetectionOptions } from "../entities/entity-options.ts";

const shortestInMs = 20_000;

/**
 * Checks a duplicate window that a client asks for against Azure's shortest one. A shorter one may only
 * stay: the configuration of Microsoft's emulator may begin with it.
 *
 * @throws EntityError 400
 */
export function checkDuplicateWindow<Options extends DuplicateDetectionOptions>(
  wanted: Options,
  current: DuplicateDetectionOptions = {},
): Options {
  const text = wanted.duplicateDetectionHistoryTimeWindow;
  const windowInMs = text === undefined ? undefined : parseDuration(text);
  const isKept = text === current.duplicateDetectionHistoryTimeWindow;
  if (windowInMs !== undefined && windowInMs < shortestInMs && !isKept) {
    throw invalidEntity("DuplicateDetectionHistoryTimeWindow must be from PT20S to P7D.");
  }
  return wanted;
}
