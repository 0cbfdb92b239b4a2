/** What the operations are grouped by, in the order in which they are shown. */
export const TAGS = {
  faults: "Break the fleet on purpose, and end what was broken.",
  halt: "End every fault, and let none begin.",
  fleet: "Who is in the fleet, what was done to it, and what happens.",
  sample: "The sample application, which shows what a reset does to a user of Redis.",
  probes: "How the process is, for load balancers and orchestrators.",
  documentation: "This description.",
} as const;
