// `npm test`: installs and builds what is missing, provides a redis-server, runs every test and says what was skipped and
// why. The last line is `N passed, N failed, N skipped`. Further arguments go to vitest, for example:
// npm test -- --project unit packages/contract
import { checkNodeVersion } from "./check-node-version.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { provideRedis } from "./provide-redis.mjs";

const say = (line) => console.error(`fleetquake: ${line}`);

try {
  const complaint = checkNodeVersion();
  if (complaint !== null) {
    throw new Error(complaint);
  }
  await prepare({ say });
  process.env["PATH"] = await provideRedis({ say });
  process.env["FLEETQUAKE_TEST_SIZE"] ||= "short";
  process.chdir(ROOT);
  const tally = await runVitest(process.argv.slice(2));
  report(tally);
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
} catch (error) {
  say(error.message);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
}
// A test that leaves a timer or a socket behind shall not hold the run open.
process.exit();

/** Runs vitest in this process and counts from what its runner reports. */
async function runVitest(parameters) {
  const { parseCLI, startVitest } = await import("vitest/node");
  const { filter, options } = parseCLI(["vitest", "run", ...parameters]);
  const tally = { passed: 0, failed: 0, skipped: 0, skips: [], isFiltered: false };
  tally.isFiltered = options.testNamePattern !== undefined;
  const counter = {
    onTestRunEnd: (modules, unhandledErrors) => {
      modules.forEach((module) => countModule(module, tally));
      tally.failed += unhandledErrors.length;
    },
  };
  const vitest = await startVitest("test", filter, {
    ...options,
    watch: false,
    reporters: [[options.reporters ?? "default"].flat(), counter].flat(),
  });
  await vitest.close();
  return tally;
}

function countModule(module, tally) {
  // What fails outside of a test (a file that does not load, a hook) skips tests without failing one.
  tally.failed += module.errors().length;
  for (const suite of module.children.allSuites()) {
    tally.failed += suite.errors().length;
  }
  for (const test of module.children.allTests()) {
    const { state, note } = test.result();
    if (state === "passed" || state === "failed") {
      tally[state] += 1;
    } else {
      tally.skipped += 1;
      tally.skips.push(`${module.relativeModuleId} > ${test.fullName}${note ? `: ${note}` : ""}`);
    }
  }
}

function report(tally) {
  if (tally.skips.length > 0 && !tally.isFiltered) {
    console.log("skipped:");
    tally.skips.forEach((line) => console.log(`    ${line}`));
  }
  if (process.env["FLEETQUAKE_TEST_SIZE"] !== "full") {
    console.log("sizes: short forms; npm run test:full runs the stated sizes");
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
}
