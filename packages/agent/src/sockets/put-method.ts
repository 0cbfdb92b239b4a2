import { readMethod, type Method } from "./read-method.ts";

/**
 * Replaces a method on one object.
 *
 * The former method comes back as a property of the object's own, also where it came from the prototype: deleting the
 * property would turn the object into a dictionary for the rest of its life, and slow down every access to it.
 *
 * @returns puts the former method back, unless somebody else has put theirs on top meanwhile.
 */
export function putMethod(target: object, name: string, method: Method): () => void {
  const former = readMethod(target, name);
  define(target, name, method);
  return () => {
    if (Object.getOwnPropertyDescriptor(target, name)?.value === method) {
      define(target, name, former);
    }
  };
}

function define(target: object, name: string, value: Method | undefined): void {
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
