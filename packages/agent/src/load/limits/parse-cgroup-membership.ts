/** Where in the hierarchies of control groups a process stands. */
export interface CgroupMembership {
  /** Its path in the hierarchy of version 2; null where there is none. */
  readonly unified: string | null;
  /** Its path by controller, for the controllers that version 1 has. */
  readonly byController: ReadonlyMap<string, string>;
}

/**
 * Reads the text of /proc/self/cgroup, one `id:controllers:path` a line
 * (https://man7.org/linux/man-pages/man7/cgroups.7.html). Lines that do not fit are left out.
 */
export function parseCgroupMembership(text: string): CgroupMembership {
  const byController = new Map<string, string>();
  let unified: string | null = null;
  for (const line of text.split("\n")) {
    const {
      id,
      controllers = "",
      path,
    } = /^(?<id>\d+):(?<controllers>[^:]*):(?<path>\/.*)$/u.exec(line)?.groups ?? {};
    if (path === undefined) {
      continue;
    }
    if (id === "0" && controllers === "") {
      unified = path;
    }
    for (const controller of controllers.split(",").filter(Boolean)) {
      byController.set(controller, path);
    }
  }
  return { unified, byController };
}
