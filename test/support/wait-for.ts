export {
  waitUntil as waitFor,
  type WaitUntilOptions as WaitForOptions,
} from "@fleetquake/embedded";
