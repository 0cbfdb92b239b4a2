/** One mounted file system. */
export interface Mount {
  /** The folder of the file system that is mounted. */
  readonly root: string;
  /** Where it is mounted. */
  readonly mountPoint: string;
  readonly type: string;
  /** The options of the file system; for control groups of version 1 they name its controllers. */
  readonly options: readonly string[];
}

/**
 * Reads the text of /proc/self/mountinfo (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
 * Lines that do not fit are left out.
 */
export function parseMounts(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line) => {
    // A number of optional fields stands before the dash.
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root, mountPoint] = before.split(" ");
    const [type, , options = ""] = after.split(" ");
    if (root === undefined || mountPoint === undefined || type === undefined) {
      return [];
    }
    return [
      { root: unescape(root), mountPoint: unescape(mountPoint), type, options: options.split(",") },
    ];
  });
}

/** Blanks and backslashes stand there as three octal digits. */
function unescape(path: string): string {
  return path.replaceAll(/\\(?<code>[0-7]{3})/gu, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 8)),
  );
}
