/** The one item of a list. @throws Error when there are none or several. */
export function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length !== 1) {
    throw new Error(`One item was expected, not ${items.length}.`);
  }
  return item;
}
