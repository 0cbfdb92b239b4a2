// A fleet at work that is reset every second: every entry of the ledger must be complete, no job lost, memory flat.
// Prints what it measured as JSON, and what is wrong with it; the exit code is 1 then.
import { measureSoak } from "./measure-soak.ts";
import { readSoakPlan } from "./soak-plan.ts";
import { complaintsOf } from "./soak-result.ts";

try {
  const plan = readSoakPlan(process.argv.slice(2));
  const result = await measureSoak(plan, (line) => console.error(line));
  console.log(JSON.stringify(result, null, 2));
  const complaints = complaintsOf(result);
  complaints.forEach((complaint) => console.error(complaint));
  process.exitCode = complaints.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
