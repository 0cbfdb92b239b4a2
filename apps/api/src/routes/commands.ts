import type { FastifyInstance } from "fastify";
import type { CommandPage, LedgerEntry } from "@fleetquake/contract";
import { ProblemError } from "../problems/problem-error.ts";
import { QueryReader, refuseQuery, type QueryParameter } from "../validation/query-reader.ts";
import type { RouteOptions } from "./route-options.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

const limit: QueryParameter<number> = {
  name: "limit",
  read: (text) => {
    const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= MAX_LIMIT ? value : undefined;
  },
  expected: `a whole number from 1 to ${MAX_LIMIT}`,
};

const before: QueryParameter<string> = {
  name: "before",
  read: (text) => (text.length >= 1 && text.length <= 256 ? text : undefined),
  expected: "the `next` of the page before",
};

/** `GET /chaos/commands`, newest first and paged, and `/chaos/commands/{id}`: the ledger, from memory. */
export function registerCommands(app: FastifyInstance, { fleet }: RouteOptions): void {
  app.get("/chaos/commands", async (request): Promise<CommandPage> => {
    const query = new QueryReader(request.query);
    const entriesToShow = query.read(limit) ?? DEFAULT_LIMIT;
    const beforeId = query.read(before);
    query.finish();
    const { entries, next } = fleet.commands({
      limit: entriesToShow,
      ...(beforeId === undefined ? {} : { before: beforeId }),
    });
    return { commands: entries, next };
  });

  app.get<{ Params: { id: string } }>(
    "/chaos/commands/:id",
    async (request): Promise<LedgerEntry> => {
      refuseQuery(request.query);
      const { id } = request.params;
      const entry = fleet.command(id);
      if (entry === undefined) {
        throw unknownCommand(id);
      }
      return entry;
    },
  );
}

/** 404 for an id that the ledger does not (or no longer) know. */
export function unknownCommand(id: string): ProblemError {
  return new ProblemError(
    "UNKNOWN_COMMAND",
    `No command ${JSON.stringify(id)} is in the ledger (it keeps the recent ones); /chaos/commands lists those that are.`,
  );
}
