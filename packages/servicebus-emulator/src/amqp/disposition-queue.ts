import { booleanValue, uintValue } from "./encode-value.ts";
import type { SettledDelivery } from "./link-output.ts";

/** Gathers verdicts, and writes those on consecutive deliveries with one state as one frame. */
export class DispositionQueue {
  readonly #send: (fields: readonly Buffer[]) => void;
  #first: SettledDelivery | undefined;
  #last = 0;

  constructor(send: (fields: readonly Buffer[]) => void) {
    this.#send = send;
  }

  add(delivery: SettledDelivery): void {
    const first = this.#first;
    const continues =
      first !== undefined &&
      first.isReceiver === delivery.isReceiver &&
      first.state === delivery.state &&
      delivery.deliveryId === (this.#last + 1) >>> 0;
    if (!continues) {
      this.flush();
      this.#first = delivery;
    }
    this.#last = delivery.deliveryId;
  }

  flush(): void {
    const first = this.#first;
    if (first === undefined) {
      return;
    }
    this.#first = undefined;
    this.#send([
      booleanValue(first.isReceiver),
      uintValue(first.deliveryId),
      uintValue(this.#last),
      booleanValue(true),
      first.state,
    ]);
  }
}
