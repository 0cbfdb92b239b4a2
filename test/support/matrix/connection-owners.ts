import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Columns of /proc/net/tcp: both addresses of a socket, and the inode by which its owner knows it. */
const LOCAL_ADDRESS = 1;
const REMOTE_ADDRESS = 2;
const INODE = 9;

/**
 * Which process has the TCP connection from which port to one server, as the kernel says.
 * @param pids the processes that are asked about
 * @param serverPort a port has at most one connection to it, and may have others elsewhere
 * @returns the pid by port; ports of other processes are missing.
 */
export function connectionOwners(
  pids: readonly number[],
  serverPort: number,
): ReadonlyMap<number, number> {
  const owners = new Map<string, number>();
  for (const pid of pids) {
    for (const inode of socketInodes(pid)) {
      owners.set(inode, pid);
    }
  }
  const byPort = new Map<number, number>();
  for (const line of readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/u);
    const owner = owners.get(fields[INODE] ?? "");
    if (owner !== undefined && portOf(fields[REMOTE_ADDRESS]) === serverPort) {
      byPort.set(portOf(fields[LOCAL_ADDRESS]), owner);
    }
  }
  return byPort;
}

/** The inodes of a process's sockets. */
export function socketInodes(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const inode = /^socket:\[(?<inode>\d+)\]$/u.exec(linkOf(`/proc/${pid}/fd/${descriptor}`));
    return inode?.groups?.["inode"] ?? [];
  });
}

function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(":")[1] ?? "", 16);
}

/** Empty for a descriptor that was closed since it was listed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return "";
    }
    throw error;
  }
}
