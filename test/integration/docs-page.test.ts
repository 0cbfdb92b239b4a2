import { DocumentedAnswers, makeTestApp } from "@fleetquake/api/testing";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../support/find-chromium.ts";
import { requestJson } from "../support/request-json.ts";

type Description = ConstructorParameters<typeof DocumentedAnswers>[0];

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("GET /docs in Chromium, without internet", () => {
  const { app } = makeTestApp();
  const requested: string[] = [];
  const complaints: string[] = [];
  let url: string;
  let browser: Browser;
  let page: Page;
  let description: Description;

  beforeAll(async () => {
    url = await app.listen({ host: "127.0.0.1", port: 0 });
    description = (await requestJson<Description>(`${url}/openapi.json`)).body;
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ["--no-sandbox"],
    });
    page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
    page.on("request", (request) => requested.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${url}/docs`);
  });

  afterAll(async () => {
    await browser?.close();
    await app.close();
  });

  it("loads nothing beside itself, runs nothing, and its policy forbids both", async () => {
    const answer = await app.inject("/docs");
    expect(answer.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "x-content-type-options": "nosniff",
    });
    const policy = String(answer.headers["content-security-policy"]);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(requested).toEqual([`${url}/docs`]);
    expect(complaints).toEqual([]);
    const scripts = await page.locator("script, [onclick], [style], img, iframe").count();
    expect(scripts).toBe(0);
  });

  it("is styled: the contents stand beside the text, and nothing runs out of the page", async () => {
    const [contents, main] = await Promise.all([
      page.locator("nav").boundingBox(),
      page.locator("main").boundingBox(),
    ]);
    expect(main?.x).toBeGreaterThanOrEqual((contents?.x ?? 0) + (contents?.width ?? 0));
    for (const width of [1_280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      const scrolled = await page.evaluate("document.documentElement.scrollWidth");
      expect(scrolled).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1_280, height: 900 });
  });

  it("has every operation and every schema, and no link that leads nowhere", async () => {
    const operations = Object.values(description.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const schemas = Object.keys(description.components.schemas).map((name) => `schema-${name}`);
    const ids = await page.locator("section").evaluateAll((nodes) => nodes.map(({ id }) => id));
    expect(new Set(ids)).toEqual(new Set([...operations, ...schemas]));
    const links = await page
      .locator('a[href^="#"]')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("href")?.slice(1) ?? ""));
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("leads to an operation and shows what its answers look like", async () => {
    await page.locator('nav a[href="#resetRedisConnections"]').click();
    const section = page.locator("#resetRedisConnections");
    expect(new URL(page.url()).hash).toBe("#resetRedisConnections");
    await section.locator("h3").waitFor({ state: "visible" });
    expect(await section.locator("pre").first().innerText()).toContain(
      "curl -X POST http://localhost:8000/chaos/redis-reset",
    );
    const cooling = section.locator("details", { hasText: "CHAOS_COOLING_DOWN" }).last();
    expect(await cooling.locator("pre").first().isVisible()).toBe(false);
    await cooling.locator("summary").click();
    expect(await cooling.locator("pre").first().isVisible()).toBe(true);
  });
});
