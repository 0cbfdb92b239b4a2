import { readFile } from "node:fs/promises";

const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"] as const;

/**
 * The kernel's tables of the TCP sockets in this process's network namespace, as text.
 * @throws where there is no /proc.
 */
export async function readKernelTables(): Promise<readonly string[]> {
  return await Promise.all(TABLES.map((path) => readFile(path, "latin1")));
}
