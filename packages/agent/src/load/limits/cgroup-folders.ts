import type { CgroupMembership } from "./parse-cgroup-membership.ts";
import type { Mount } from "./parse-mounts.ts";

/** The control groups whose limits hold for a process, as folders. */
export interface CgroupFolders {
  readonly version: 1 | 2;
  /** Its own first, then each ancestor that can be seen from here: a limit holds for all that is below it. */
  readonly folders: readonly string[];
}

export interface FindCgroupFoldersOptions {
  readonly membership: CgroupMembership;
  readonly mounts: readonly Mount[];
}

/**
 * Finds the control groups that a controller limits a process by.
 * A controller belongs to one version at a time, also where both are mounted.
 * @returns null when none is to be seen.
 */
export function findCgroupFolders(
  controller: "cpu" | "memory",
  { membership, mounts }: FindCgroupFoldersOptions,
): CgroupFolders | null {
  const path = membership.byController.get(controller);
  if (path !== undefined) {
    const folders = foldersOf(
      path,
      mounts.filter(({ type, options }) => type === "cgroup" && options.includes(controller)),
    );
    return folders === null ? null : { version: 1, folders };
  }
  const folders =
    membership.unified === null
      ? null
      : foldersOf(
          membership.unified,
          mounts.filter(({ type }) => type === "cgroup2"),
        );
  return folders === null ? null : { version: 2, folders };
}

function foldersOf(path: string, mounts: readonly Mount[]): readonly string[] | null {
  const mount = mounts.find(({ root }) => isWithin(path, root)) ?? mounts[0];
  if (mount === undefined) {
    return null;
  }
  // A container may be told its path on the host while it sees nothing but its own group: that is the mounted folder.
  const inside = isWithin(path, mount.root)
    ? path.slice(mount.root === "/" ? 0 : mount.root.length)
    : "";
  const names = inside.split("/").filter(Boolean);
  return Array.from({ length: names.length + 1 }, (_, above) =>
    [mount.mountPoint, ...names.slice(0, names.length - above)].join("/"),
  );
}

function isWithin(path: string, root: string): boolean {
  return root === "/" ? !path.startsWith("/..") : path === root || path.startsWith(`${root}/`);
}
