/** Whether a message is handed out in its turn, by its number only, or later. */
export type MessageState = "active" | "deferred" | "scheduled";
