// Lays out below `images`, of the built checkout in the current folder, what each image has beside what npm installs.
import { cpSync } from "node:fs";
import { join } from "node:path";

/** Of each image the folder that was built. */
const BUILT = {
  api: "apps/api/bundle",
  worker: "apps/worker/bundle",
  broker: "packages/servicebus-emulator/dist",
};
const HEALTH_CHECKS = ["infra/images/check-health.mjs", "infra/images/check-port.mjs"];

/** What only compilers and debuggers read. */
const isRun = (path) => !/\.(map|d\.ts|tsbuildinfo)$/u.test(path);

for (const [image, built] of Object.entries(BUILT)) {
  for (const path of [built, ...HEALTH_CHECKS]) {
    cpSync(path, join("images", image, path), { recursive: true, filter: isRun });
  }
}
