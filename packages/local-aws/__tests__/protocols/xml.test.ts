import { escapeXml, parseXml } from "../../protocols/xml";

test("reads references, CDATA, namespace prefixes and `__proto__`", () => {
  const root = parseXml(
    '<?xml version="1.0"?><a:Tag xmlns:a="u"><Key>&#34;&amp;&#x41;</Key><a:__proto__><![CDATA[<b>]]></a:__proto__></a:Tag>',
  );
  expect(root?.name).toBe("Tag");
  expect(root?.children.map(({ name, text }) => [name, text])).toEqual([
    ["Key", '"&A'],
    ["__proto__", "<b>"],
  ]);
});

test.each([
  ["text after the root element", "<a/>b"],
  ["two roots", "<a/><b/>"],
  ["an unknown entity", "<a>&b;</a>"],
  ["a control character", "<a>\u0001</a>"],
  ["an element that is not closed", "<a><b></a>"],
  ["too many levels", `${"<a>".repeat(33)}${"</a>".repeat(33)}`],
  ["nothing", ""],
])("rejects %s", (_, text) => {
  expect(parseXml(text)).toBeUndefined();
});

test("escapes what is not text, as AWS does", () => {
  expect(escapeXml('<a & "b">\r\u0000é')).toBe("&lt;a &amp; &quot;b&quot;&gt;&#13;&#0;é");
});

test("rejects 200,000 open elements at once", () => {
  const start = performance.now();
  expect(parseXml("<a>".repeat(200_000))).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});
