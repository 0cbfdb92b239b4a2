/** A transaction whose commands are written one by one, on the first client of the pool. */
export class OpenTransaction {
  #clients;

  constructor(clients) {
    this.#clients = clients;
  }

  async begin() {
    await this.#client.call("MULTI");
    await this.#client.call("INCR", "transaction");
  }

  async step() {
    return await this.#client.call("INCR", "transaction");
  }

  async end() {
    return await this.#client.call("EXEC");
  }

  get #client() {
    return this.#clients.pool[0];
  }
}
