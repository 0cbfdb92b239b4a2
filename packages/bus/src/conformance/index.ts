export { type ConformanceBroker } from "./conformance-broker.ts";
export { describeBusConformance } from "./describe-bus-conformance.ts";
