import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { DOCS_STYLE } from "../docs/docs-style.ts";
import { renderDocs } from "../docs/render-docs.ts";
import { buildDocument } from "../openapi/build-document.ts";
import type { OpenApiDocument } from "../openapi/open-api-document.ts";
import { refuseQuery } from "../validation/query-reader.ts";

/** `GET /openapi.json` and `GET /docs`; both are made once, for whoever asks first. */
export function registerDocumentation(app: FastifyInstance): void {
  let document: OpenApiDocument | undefined;
  const documentation = (): OpenApiDocument => (document ??= buildDocument());
  let json: string | undefined;
  let page: string | undefined;
  const headers = pageHeaders();

  app.get("/openapi.json", async (request, reply): Promise<string> => {
    refuseQuery(request.query);
    void reply.type("application/json; charset=utf-8");
    return (json ??= JSON.stringify(documentation()));
  });

  app.get("/docs", async (request, reply): Promise<string> => {
    refuseQuery(request.query);
    void reply.headers(headers);
    return (page ??= renderDocs(documentation()));
  });
}

/** The page runs nothing and loads nothing; whatever stood in it by mistake would be dead. */
function pageHeaders(): Readonly<Record<string, string>> {
  const style = createHash("sha256").update(DOCS_STYLE).digest("base64");
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
  };
}
