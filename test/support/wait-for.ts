export { waitUntil as waitFor } from "@fleetquake/embedded";
