const WAVE = 25;

/** Does something with each item, 25 at a time. */
export async function inWaves<T>(
  items: readonly T[],
  use: (item: T) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += WAVE) {
    await Promise.all(items.slice(start, start + WAVE).map((item) => use(item)));
  }
}
