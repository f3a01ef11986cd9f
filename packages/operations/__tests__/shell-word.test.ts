import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { shellWord } from "../shell-word";

test("quotes any text for a shell", () => {
  const words = fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0"));
  fc.assert(
    fc.property(words, (word) => {
      const output = execFileSync("sh", ["-c", `printf '%s' ${shellWord(word)}`], { encoding: "utf8" });
      expect(output).toBe(word);
    }),
    { numRuns: 60 },
  );
});
