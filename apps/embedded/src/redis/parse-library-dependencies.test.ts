import { expect, it } from "vitest";
import { parseLibraryDependencies } from "./parse-library-dependencies.ts";

it("takes the libraries that packages depend on, of alternatives the first, and never libc", () => {
  const output = `redis-server
  Depends: init-system-helpers
 |Depends: lsb-base
  Depends: sysvinit-utils
  Depends: redis-tools
redis-tools
  PreDepends: libpre1
  Depends: libc6
 |Depends: libfirst1
  Depends: libsecond1
  Depends: libssl3t64
  Depends: <libvirtual>
  Suggests: libnever1
`;
  expect(parseLibraryDependencies(output)).toEqual(["libpre1", "libfirst1", "libssl3t64"]);
});
