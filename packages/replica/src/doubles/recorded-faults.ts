import type { LoadReport } from "@fleetquake/contract";
import type { HangOptions, HangSwitch } from "../ports/hang-switch.ts";
import type { LoadGenerator, LoadOptions } from "../ports/load-generator.ts";
import type { RedisBlockOptions, RedisBlockSwitch } from "../ports/redis-block-switch.ts";
import type { TokenExpiryOptions, TokenExpirySwitch } from "../ports/token-expiry-switch.ts";

/** Faults that are only noted down: what was begun, and how often what runs was ended. */
export class RecordedFaults {
  readonly loads: LoadOptions[] = [];
  readonly hangs: HangOptions[] = [];
  readonly blocks: RedisBlockOptions[] = [];
  readonly expiries: TokenExpiryOptions[] = [];
  readonly ended = { load: 0, hang: 0, block: 0, expiry: 0 };
  /** What becomes of a load; the test may let it fail or wait. */
  startLoad: () => Promise<LoadReport> = () =>
    Promise.resolve({ cpu_cores: 0.3, memory_mb: 100, limited_by: null });

  readonly load: LoadGenerator = {
    start: (options) => {
      this.loads.push(options);
      return this.startLoad();
    },
    stop: async () => {
      this.ended.load += 1;
    },
  };

  readonly hang: HangSwitch = {
    begin: async (options) => {
      this.hangs.push(options);
    },
    release: async () => {
      this.ended.hang += 1;
    },
  };

  readonly redisBlock: RedisBlockSwitch = {
    begin: async (options) => {
      this.blocks.push(options);
    },
    end: async () => {
      this.ended.block += 1;
    },
  };

  readonly tokenExpiry: TokenExpirySwitch = {
    begin: async (options) => {
      this.expiries.push(options);
    },
    end: async () => {
      this.ended.expiry += 1;
    },
  };
}
