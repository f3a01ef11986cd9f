import { type Synthesized, synthStack } from "@event-pipeline/testing/synthesized";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";

/** Parses JSON texts in a value, such as policies and the dashboard. */
function expanded(value: unknown): unknown {
  if (typeof value === "string" && /^[[{]"?/.test(value)) {
    try {
      return expanded(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(expanded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expanded(each)]));
}

/** Returns every block by its address. */
function blocksOf({
  resource,
  data,
  "//": _,
  ...rest
}: Synthesized & { readonly "//"?: unknown }): Map<string, unknown> {
  const nested = Object.entries({ ...resource, ...data }).flatMap(([type, blocks]) =>
    Object.entries(blocks).map(([name, block]): [string, unknown] => [`${type}.${name}`, expanded(block)]),
  );
  return new Map([...nested, ...Object.entries(rest)]);
}

function differences(base: Map<string, unknown>, other: Map<string, unknown>): Record<string, unknown> {
  const changed = [...other].filter(([address, block]) => JSON.stringify(block) !== JSON.stringify(base.get(address)));
  const gone = [...base.keys()].filter((address) => !other.has(address));
  return Object.fromEntries([...changed, ...gone.map((address): [string, string] => [address, "gone"])]);
}

const context = readContext("cdktf.json");
const stageOf = (name: string) => blocksOf(synthStack({ stage: readStage(context, { EVENT_PIPELINE_STAGE: name }) }));
const defaults = blocksOf(synthStack());

test("synthesizes the reviewed resources", () => {
  expect(Object.fromEntries(defaults)).toMatchSnapshot();
});

test.each(["dev", "emulator", "prod"])("synthesizes the reviewed differences with %s", (name) => {
  expect(differences(defaults, stageOf(name))).toMatchSnapshot();
});
