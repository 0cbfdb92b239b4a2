/**
 * The entities of a fleet on Service Bus, and how they are set.
 *
 * Every value is the smallest that Service Bus accepts and the fleet can live with: a message that was not taken within a
 * minute is of no use to anybody, and a subscription whose owner died shall not collect messages for hours. Five minutes
 * is the least idle time that Service Bus grants
 * (https://learn.microsoft.com/azure/service-bus-messaging/message-expiration).
 */
export const TOPOLOGY = {
  /** Commands and roll-calls: from every API replica to every replica. */
  commandsTopic: "chaos-commands",
  /** Acknowledgements, heartbeats and ledger events: from everybody to every API replica. */
  eventsTopic: "chaos-events",
  /** One session for each fault: its lock is the mutual exclusion, its state the record of the last command. */
  locksQueue: "chaos-locks",
  /** ISO 8601; a holder that was cut off from the broker without a trace is replaced after this span. */
  lockDuration: "PT15S",
  /** Options of each replica's subscription to the commands, and of each API replica's to the events. */
  subscription: {
    autoDeleteOnIdle: "PT5M",
    defaultMessageTimeToLive: "PT1M",
    deadLetteringOnMessageExpiration: false,
  },
} as const;
