import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricDescription } from "./metric-table.ts";

type Labels = Readonly<Record<string, string | number>>;

/** The metrics of one process, made from a table; what is not in the table cannot be counted. */
export class MetricSet<Name extends string> {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(table: Readonly<Record<Name, MetricDescription>>) {
    const registers = [this.#registry];
    for (const [name, { type, help, labels, buckets }] of Object.entries<MetricDescription>(
      table,
    )) {
      const options = { name, help, labelNames: [...labels], registers };
      switch (type) {
        case "counter":
          this.#counters.set(name, new Counter(options));
          break;
        case "gauge":
          this.#gauges.set(name, new Gauge(options));
          break;
        case "histogram":
          this.#histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
          break;
      }
    }
    // Event loop lag, memory, handles: Prometheus's usual names for every Node process.
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Of what `render` gives, with its version and charset. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /**
   * Adds to a counter; 0 makes it known, so that Prometheus sees the first increase.
   * @throws {TypeError} for a name that is no counter of the table.
   */
  count(name: Name, labels: Labels = {}, by = 1): void {
    find(this.#counters, name).inc(labels, by);
  }

  /** @throws {TypeError} for a name that is no gauge of the table. */
  set(name: Name, value: number, labels: Labels = {}): void {
    find(this.#gauges, name).set(labels, value);
  }

  /** Forgets every value of a gauge, so that what is no more is not told as it was. */
  clear(name: Name): void {
    find(this.#gauges, name).reset();
  }

  /** @throws {TypeError} for a name that is no histogram of the table. */
  observe(name: Name, value: number, labels: Labels = {}): void {
    find(this.#histograms, name).observe(labels, value);
  }

  /** Prometheus's text format 0.0.4. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }
}

function find<T>(metrics: ReadonlyMap<string, T>, name: string): T {
  const metric = metrics.get(name);
  if (metric === undefined) {
    throw new TypeError(`${name} is no such metric`);
  }
  return metric;
}
