/**
 * Draws `size` items without repetition (Fisher-Yates, stopped early).
 * @param random draws from [0, 1)
 */
export function sample<T>(items: readonly T[], size: number, random: () => number): T[] {
  const pool = [...items];
  const chosen: T[] = [];
  while (chosen.length < size && pool.length > 0) {
    const index = Math.min(pool.length - 1, Math.floor(random() * pool.length));
    const [item] = pool.slice(index, index + 1);
    const last = pool.pop();
    if (item !== undefined) {
      chosen.push(item);
    }
    if (last !== undefined && index < pool.length) {
      pool[index] = last;
    }
  }
  return chosen;
}
