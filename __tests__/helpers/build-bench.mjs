export default async function build() {
  process.argv[2] = "bench";
  await import("../../tools/build.mjs");
}
