import { STATUS_CODES } from "node:http";
import { describe, expect, it } from "vitest";
import { PROBLEM_CODES } from "./problem-codes.ts";

describe("PROBLEM_CODES", () => {
  it.each(Object.entries(PROBLEM_CODES))(
    "%s is an HTTP error status with a meaning",
    (_code, row) => {
      expect(STATUS_CODES[row.status]).toBeDefined();
      expect(row.status).toBeGreaterThanOrEqual(400);
      expect(row.when).toMatch(/\.$/);
    },
  );
});
