const NAMES_OF_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

interface Row {
  readonly path: string;
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Which path answers to which methods; filled by the routes as they are registered. */
export class MethodTable {
  readonly #rows = new Map<string, Row>();

  /** @param path as Fastify writes it: `/chaos/replicas/:id` */
  add(path: string, method: string): void {
    const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    const row = this.#rows.get(path) ?? { path, pattern, methods: new Set() };
    row.methods.add(method);
    this.#rows.set(path, row);
  }

  /**
   * The methods of a path as `Allow` lists them; OPTIONS is answered wherever something is.
   * @param url path with or without a query
   * @returns null when there is no such path
   */
  allowedFor(url: string): readonly string[] | null {
    const path = decode(url.split("?", 1)[0] ?? "");
    const row = [...this.#rows.values()].find(({ pattern }) => pattern.test(path));
    return row === undefined ? null : inOrder(row.methods);
  }

  /** All methods that this API knows, for `OPTIONS *`. */
  all(): readonly string[] {
    const all = new Set<string>();
    for (const { methods } of this.#rows.values()) {
      for (const method of methods) {
        all.add(method);
      }
    }
    return inOrder(all);
  }

  /** The paths, for a caller who missed them. */
  paths(): readonly string[] {
    return [...this.#rows.keys()].map((path) => path.replace(/:(\w+)/g, "{$1}"));
  }
}

function inOrder(methods: ReadonlySet<string>): readonly string[] {
  return [...NAMES_OF_METHODS.filter((method) => methods.has(method)), "OPTIONS"];
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
