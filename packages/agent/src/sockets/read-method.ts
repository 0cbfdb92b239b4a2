/** A method of somebody else's object, to be called with `Reflect.apply`. */
export type Method = (this: unknown, ...args: readonly unknown[]) => unknown;

/** A method that the types do not show, or that is to be called on other objects; undefined where there is none. */
export function readMethod(target: object, name: PropertyKey): Method | undefined {
  const value: unknown = Reflect.get(target, name);
  return isMethod(value) ? value : undefined;
}

/** A member that the types do not show, if it is an object. */
export function readObject(target: object, name: PropertyKey): object | undefined {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "object" && value !== null ? value : undefined;
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}
