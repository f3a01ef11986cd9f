export default async function build() {
  await import("../../tools/build.mjs");
}
