import { readMethod, type Method } from "./read-method.ts";

/**
 * Puts a method of ours in the place of one on somebody else's prototype, for good.
 * @returns false when there is no such method: nothing was changed.
 */
export function patchMethod(
  prototype: object,
  name: string,
  wrap: (original: Method) => Method,
): boolean {
  const original = readMethod(prototype, name);
  if (original === undefined) {
    return false;
  }
  Object.defineProperty(prototype, name, {
    value: wrap(original),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return true;
}
