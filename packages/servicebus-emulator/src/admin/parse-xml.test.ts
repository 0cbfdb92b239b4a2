import { describe, expect, it } from "vitest";

import { parseXml } from "./parse-xml.ts";
import { escapeXml, xmlElement } from "./write-xml.ts";
import { childOf, childText } from "./xml-element.ts";

describe("parseXml", () => {
  it("reads elements, attributes, text, CDATA, comments and entities", () => {
    const root = parseXml(`<?xml version="1.0" encoding="utf-8"?>
      <!-- a comment with <tags> -->
      <a:entry xmlns:a="urn:a" b:type='x &gt; y'>
        <Name> first &amp; &#x41;&#66; </Name><Empty/><Empty kind="2" />
        <Data><![CDATA[<raw> & ]]></Data>
      </a:entry>`);
    expect(root.name).toBe("entry");
    expect(root.attributes.get("type")).toBe("x > y");
    expect(childText(root, "Name")).toBe("first & AB");
    expect(childText(root, "Data")).toBe("<raw> &");
    expect(root.children.map(({ name }) => name)).toEqual(["Name", "Empty", "Empty", "Data"]);
    expect(childOf(root, "Missing")).toBeUndefined();
  });

  it.each([
    "",
    "text",
    "<a>",
    "</a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a b=c></a>",
    "<a>&unknown;</a>",
    "<a>&constructor;</a>",
    "<a>&#x110000;</a>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    "<a>".repeat(100),
  ])("refuses %j", (source) => {
    expect(() => parseXml(source)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it("takes a long body in short time", () => {
    const started = performance.now();
    expect(() => parseXml(`<a ${"x='1' ".repeat(10_000)}`)).toThrow("well-formed");
    expect(() => parseXml("<".repeat(65_000))).toThrow("well-formed");
    expect(() => parseXml(`<!--${"-".repeat(65_000)}`)).toThrow("well-formed");
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe("xmlElement", () => {
  it("writes what parseXml reads", () => {
    const text = `<&>"'ö`;
    const { markup } = xmlElement("a", [xmlElement("b", text)], { c: text });
    const root = parseXml(markup);
    expect(root.attributes.get("c")).toBe(text);
    expect(childOf(root, "b")?.text).toBe(text);
    expect(escapeXml(text)).toBe("&lt;&amp;&gt;&quot;'ö");
  });

  it("replaces what no XML document may hold", () => {
    expect(escapeXml("a\u0000b\u001fc\ufffed\ud800e\t\r\n\u{1f600}")).toBe(
      "a\ufffdb\ufffdc\ufffdd\ufffde\t\r\n\u{1f600}",
    );
  });
});
