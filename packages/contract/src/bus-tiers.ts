/**
 * What a broker grants its clients: an emulator is not metered; a namespace of Service Bus is by credits (standard), or has
 * processors of its own (premium).
 */
export const BUS_TIERS = ["embedded", "standard", "premium"] as const;

export type BusTier = (typeof BUS_TIERS)[number];
