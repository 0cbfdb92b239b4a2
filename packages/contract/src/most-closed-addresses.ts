/** More addresses than these do not fit into one acknowledgement beside the rest of it. */
export const MOST_CLOSED_ADDRESSES = 4_000;
