import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { JsonReport } from "../../hops/json-report";

function written(use: (report: JsonReport) => void): string {
  let text = "";
  use(
    new JsonReport((chunk) => {
      text += chunk;
    }),
  );
  return text;
}

test("embeds a JSON object unchanged, and any other line as a string", () => {
  const logged = (line: string) => written((report) => report.log("fn", line));
  expect(logged('{"level":"INFO", "n":12345678901234567890}')).toBe(
    '{"kind":"log","function":"fn","line":{"level":"INFO", "n":12345678901234567890}}\n',
  );
  for (const line of ["TypeError: x", "{cut", "[1]", "42", '"text"', ""]) {
    expect(JSON.parse(logged(line))).toEqual({ kind: "log", function: "fn", line });
  }
  const deep = `{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(
    logged(deep) ===
      `{"kind":"log","function":"fn","line":${deep}}
`,
  ).toBe(true);
});

test("writes any output of a handler as one printable JSON line", () => {
  const anyLine = fc.oneof(
    unicodeText(),
    fc.object({ withNullPrototype: false }).map((value) => JSON.stringify(value)),
    fc.constantFrom('{\t"a":\r"\u2028\u009b\u202e"}'),
  );
  fc.assert(
    fc.property(anyLine, (line) => {
      const text = written((report) => report.log("fn", line));
      expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+\n$/u);
      const { line: shown } = JSON.parse(text) as { line: unknown };
      expect(typeof shown === "string" ? shown : JSON.stringify(shown)).toBe(
        typeof shown === "string" ? line : JSON.stringify(JSON.parse(line)),
      );
    }),
  );
});
