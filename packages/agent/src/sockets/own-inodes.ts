import { readdir, readlink } from "node:fs/promises";

/**
 * Inodes of the sockets among the process's file descriptors, which all of its threads share.
 * @throws where there is no /proc.
 */
export async function ownInodes(): Promise<ReadonlySet<string>> {
  const links = await Promise.all((await readdir("/proc/self/fd")).map(linkOf));
  const inodes = links.map((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1]);
  return new Set(inodes.filter((inode) => inode !== undefined));
}

async function linkOf(descriptor: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since the directory was read.
    return "";
  }
}
