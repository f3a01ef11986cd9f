import build from "./build.mjs";

export default async function buildWithBenchmarks() {
  process.argv[2] = "bench";
  await build();
}
