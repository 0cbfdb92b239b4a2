/** What a connection is used for, as far as its traffic shows. */
export const CONNECTION_KINDS = ["command", "blocking", "subscriber", "unknown"] as const;

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];
