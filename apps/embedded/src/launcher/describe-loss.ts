/** What the loss of one process means for a fleet. */
export type Loss =
  | { readonly kind: "worker"; readonly left: number; readonly started: number }
  | { readonly kind: "api"; readonly urlsLeft: readonly string[] }
  | { readonly kind: "redis"; readonly restartCommand: string }
  | { readonly kind: "broker"; readonly isRestarted: boolean };

/** One sentence for the user: what still works, what does not, and what they can do. */
export function describeLoss(loss: Loss): string {
  switch (loss.kind) {
    case "worker":
      return `The fleet goes on with ${loss.left} of ${loss.started} workers; it is not started again.`;
    case "api":
      return loss.urlsLeft.length === 0
        ? "It was the last API: the fleet ends."
        : `The fleet goes on; the API answers at ${loss.urlsLeft.join(", ")}.`;
    case "redis":
      return `Jobs stand still and GET / answers 503 until it is back; resets go on working. To bring it back: ${loss.restartCommand}`;
    case "broker":
      return loss.isRestarted
        ? "It is started again with the same address; the replicas connect again by themselves."
        : "It ended too often to be started again: resets answer 503 from now on. Stop the fleet (Ctrl-C) and see its log.";
  }
}
