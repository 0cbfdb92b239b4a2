const pattern =
  /^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/u;

/** .NET's longest TimeSpan, which Service Bus uses to say "without limit". */
export const unlimitedDuration = "P10675199DT2H48M5.4775807S";
const unlimitedInMs = 922_337_203_685_477;

/**
 * Reads an ISO 8601 duration such as `PT1M30S` or `P14D`; returns milliseconds, or undefined when
 * the text is none. Years and months have no fixed length and are not durations here.
 */
export function parseDuration(text: string): number | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined || text.endsWith("P") || text.endsWith("T")) {
    return undefined;
  }
  const part = (name: string): number => Number(groups[name] ?? 0);
  const hours = part("days") * 24 + part("hours");
  return Math.round(((hours * 60 + part("minutes")) * 60 + part("seconds")) * 1000);
}

/** True for a duration that stands for "without limit". */
export function isUnlimited(durationInMs: number): boolean {
  return durationInMs >= unlimitedInMs;
}
