export default async function build() {
  await import("../../scripts/build.mjs");
}
