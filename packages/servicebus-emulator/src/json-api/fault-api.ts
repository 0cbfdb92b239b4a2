import type { AdminResponse } from "../admin/admin-request.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { FaultName } from "../faults/fault-options.ts";
import { FaultRefusedError } from "../faults/fault-refused-error.ts";
import type { FaultSwitches } from "../faults/fault-switches.ts";
import { faults, isFaultName } from "../faults/faults.ts";
import type { JsonRequest } from "./json-api.ts";
import { jsonResponse, problemResponse } from "./json-response.ts";

/** `GET /faults`, and `PUT` and `DELETE /faults/<name>`, for requests that may make them. */
export class FaultApi {
  readonly #switches: FaultSwitches;
  readonly #isAllowed: boolean;

  /** Without `isAllowed` every request is refused: faults are for brokers that were started for them. */
  constructor(switches: FaultSwitches, { isAllowed }: { readonly isAllowed: boolean }) {
    this.#switches = switches;
    this.#isAllowed = isAllowed;
  }

  answer(request: JsonRequest, name: string | undefined): AdminResponse {
    if (!this.#isAllowed) {
      return problemResponse({
        status: 403,
        title: "Faults are off",
        detail: "This broker was not started with --faults (in code: faults: true).",
      });
    }
    if (name === undefined) {
      return request.method === "GET"
        ? jsonResponse(200, { active: this.#switches.active, known: Object.keys(faults) })
        : notAllowed("/faults", "GET");
    }
    return isFaultName(name) ? this.#answerFor(request, name) : unknownFault(name);
  }

  #answerFor({ method, body }: JsonRequest, name: FaultName): AdminResponse {
    switch (method) {
      case "PUT":
        return this.#start(name, body);
      case "DELETE":
        return this.#switches.stop(name)
          ? jsonResponse(200, { name, isOn: false })
          : notFound(`The fault '${name}' is not on.`);
      default:
        return notAllowed(`/faults/${name}`, "PUT, DELETE");
    }
  }

  #start(name: FaultName, body: string): AdminResponse {
    let options: unknown;
    try {
      options = body.trim() === "" ? {} : JSON.parse(body);
    } catch (error) {
      return badRequest(`The body is not JSON: ${String(error)}.`, []);
    }
    try {
      return jsonResponse(200, this.#switches.start(name, options));
    } catch (error) {
      if (error instanceof FaultRefusedError) {
        return badRequest(error.message, error.problems);
      }
      if (error instanceof EntityError) {
        return notFound(error.message);
      }
      throw error;
    }
  }
}

function unknownFault(name: string): AdminResponse {
  return notFound(`There is no fault '${name}'; there are ${Object.keys(faults).join(", ")}.`);
}

function notFound(detail: string): AdminResponse {
  return problemResponse({ status: 404, title: "Not found", detail });
}

function badRequest(detail: string, errors: FaultRefusedError["problems"]): AdminResponse {
  return problemResponse({ status: 400, title: "Not valid", detail, errors });
}

function notAllowed(path: string, allow: string): AdminResponse {
  const detail = `${path} takes ${allow}.`;
  return problemResponse({ status: 405, title: "Method not allowed", detail }, { allow });
}
