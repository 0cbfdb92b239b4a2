/** The topics of one kind of clients, beside each other's on the same broker. */
export interface FanOutTopics {
  readonly commands: string;
  readonly answers: string;
}

/** The driver's subscription on the answers. */
export const DRIVER = "driver";

export function topicsOf(kind: ClientKind): FanOutTopics {
  return { commands: `${kind}-commands`, answers: `${kind}-answers` };
}

/** A replica's subscription on the commands. */
export function replicaSubscription(index: number): string {
  return `replica-${index}`;
}

/** With what a client talks to the broker. */
export type ClientKind = "sdk" | "rhea";

/** One command to everybody, and an answer of everybody. */
export interface FanOutDriver extends AsyncDisposable {
  /** Publishes, and resolves to the milliseconds until the last of so many answers. */
  round(replicas: number): Promise<number>;
}

const ROUND_TIMEOUT_IN_MS = 30_000;

/** Counts answers of one round after the other. */
export class AnswerCount {
  #missing = 0;
  #finish: () => void = () => undefined;

  /** One answer has come. */
  take(): void {
    this.#missing -= 1;
    if (this.#missing === 0) {
      this.#finish();
    }
  }

  /** Resolves with so many answers from now on. */
  async next(count: number): Promise<void> {
    this.#missing = count;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#missing} of ${count} answers are missing`)),
        ROUND_TIMEOUT_IN_MS,
      );
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
