/** A text is not the JSON that this API accepts. */
export class JsonSyntaxError extends Error {
  /** JSON pointer of the member in which reading stopped; empty for the whole text. */
  readonly pointer: string;

  constructor(message: string, pointer: string) {
    super(message);
    this.name = "JsonSyntaxError";
    this.pointer = pointer;
  }
}
