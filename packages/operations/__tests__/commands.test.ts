import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { eventPipelineCommand } from "../commands";
import { LOCAL_RUN, type PipelineConnection } from "../pipeline-connection";

const word = fc.oneof(
  fc.string({
    unit: fc.constantFrom("a", "'", '"', " ", "\n", "$", "`", "\\", "*", "#", ";", "é", "-", "=", "\t", "\u001b"),
  }),
  fc.constantFrom("", "it's", "--", "$(id)", "~"),
);
const connection = fc.record(
  {
    name: fc.constantFrom("alice", "local"),
    endpoint: word,
    region: fc.constantFrom("us-east-1", "eu-west-1"),
    profile: word,
    rawBucket: word,
    isLocalRun: fc.boolean(),
  },
  { requiredKeys: ["name"] },
);

test("a shell reads the words and the options of each command unchanged", () => {
  const samples = fc.sample(fc.tuple(fc.array(word), connection), { numRuns: 200, seed: 1 });
  const lines = samples.map(([words, target]) => eventPipelineCommand(target as PipelineConnection, words));
  const npx = 'npx() { printf "%s\\0" "$@"; printf "\\001"; }';
  const read = execFileSync("bash", ["-c", [npx, ...lines].join("\n")], { encoding: "utf8" }).split("\u0001");
  for (const [index, [words, target]] of samples.entries()) {
    const args = read[index]?.split("\0").slice(1, -1) ?? [];
    const end = words.includes("--") ? words.indexOf("--") : words.length;
    const defaults: Record<string, unknown> = target.isLocalRun ? LOCAL_RUN : {};
    const flags = {
      endpoint: "--endpoint-url",
      name: "--name",
      region: "--region",
      profile: "--profile",
      rawBucket: "--raw-bucket",
    };
    const options = Object.entries(flags).flatMap(([key, flag]) => {
      const value = (target as unknown as Record<string, unknown>)[key];
      return value === undefined || value === defaults[key] ? [] : [flag, value];
    });
    expect(args).toEqual([
      ...words.slice(0, end),
      ...(target.isLocalRun ? ["--local"] : []),
      ...options,
      ...words.slice(end),
    ]);
  }
});
