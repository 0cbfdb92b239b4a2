/** INCR over the pool, so many at a time; each acknowledgement is counted. */
export class Load {
  #clients;
  #isRunning = false;
  #lanes = [];
  #acknowledged = 0;
  #errors = [];

  constructor(clients) {
    this.#clients = clients;
  }

  /** So many operations at once, of different kinds. */
  async operate(count) {
    const { pool } = this.#clients;
    const operations = Array.from({ length: count }, (_, index) => {
      const client = pool[index % pool.length];
      return index % 2 === 0 ? client.incr("operations") : client.get("operations");
    });
    await Promise.all(operations);
  }

  start({ lanes, key }) {
    this.#isRunning = true;
    this.#acknowledged = 0;
    this.#errors = [];
    this.#lanes = Array.from({ length: lanes }, (_, lane) => this.#run(lane, key));
  }

  async stop() {
    this.#isRunning = false;
    await Promise.all(this.#lanes);
    return { acknowledged: this.#acknowledged, errors: this.#errors };
  }

  async #run(lane, key) {
    const { pool, nodeRedis } = this.#clients;
    const client = [...pool, ...nodeRedis][lane % (pool.length + nodeRedis.length)];
    while (this.#isRunning) {
      try {
        await client.incr(key);
        this.#acknowledged += 1;
      } catch (error) {
        this.#errors.push(String(error));
      }
    }
  }
}
