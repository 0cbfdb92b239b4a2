import type { AdminRequest, AdminResponse } from "../admin/admin-request.ts";
import type { BrokerDescription } from "../broker-description.ts";
import type { FaultApi } from "./fault-api.ts";
import { jsonResponse, problemResponse } from "./json-response.ts";

/** A request to the JSON endpoints. */
export interface JsonRequest extends AdminRequest {
  readonly authorization: string | undefined;
}

/** What the JSON endpoints need of the broker. */
export interface JsonApiOptions {
  readonly faults: FaultApi;
  describe(): BrokerDescription;
  /** Why the broker takes no changes; undefined when it does. */
  problem(): string | undefined;
  /** Why a request with this Authorization header may not touch a path; undefined if it may. */
  refuse(authorization: string | undefined, path: string): string | undefined;
}

/**
 * The broker's own endpoints beside Service Bus's REST: `GET /health`, open to all, and
 * `GET /entities` and `/faults` for a key with Manage. Service Bus's own clients always name an
 * `api-version`, so entities may have these names, too.
 */
export class JsonApi {
  readonly #options: JsonApiOptions;

  constructor(options: JsonApiOptions) {
    this.#options = options;
  }

  /** The answer; undefined when the request is meant for Service Bus's REST. */
  answer(request: JsonRequest): AdminResponse | undefined {
    const [, first, ...rest] = request.url.pathname.split("/");
    if (request.url.searchParams.has("api-version")) {
      return undefined;
    }
    if (first === "faults" && rest.length <= 1) {
      return this.#refused(request) ?? this.#options.faults.answer(request, rest[0]);
    }
    return rest.length > 0 ? undefined : this.#answerPlain(request, first);
  }

  #answerPlain(request: JsonRequest, first: string | undefined): AdminResponse | undefined {
    switch (first) {
      case "health":
        return onlyGet(request) ?? this.#health();
      case "entities":
        return (
          onlyGet(request) ?? this.#refused(request) ?? jsonResponse(200, this.#options.describe())
        );
      case undefined:
      default:
        return undefined;
    }
  }

  #health(): AdminResponse {
    const detail = this.#options.problem();
    return detail === undefined
      ? jsonResponse(200, { status: "ok" })
      : jsonResponse(503, { status: "failing", detail });
  }

  #refused({ authorization, url }: JsonRequest): AdminResponse | undefined {
    const reason = this.#options.refuse(authorization, url.pathname);
    return reason === undefined ? undefined : unauthorized(reason);
  }
}

function unauthorized(reason: string): AdminResponse {
  return problemResponse(
    {
      status: 401,
      title: "Not authorized",
      detail: `${reason} A key with the right Manage is needed: as a shared access signature, or by name and key (curl --user NAME:KEY).`,
    },
    { "www-authenticate": 'Basic realm="servicebus-emulator", charset="UTF-8"' },
  );
}

function onlyGet({ method, url }: JsonRequest): AdminResponse | undefined {
  if (method === "GET" || method === "HEAD") {
    return undefined;
  }
  return problemResponse(
    { status: 405, title: "Method not allowed", detail: `${url.pathname} can only be read: GET.` },
    { allow: "GET, HEAD" },
  );
}
