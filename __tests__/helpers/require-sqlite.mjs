if (!process.getBuiltinModule("node:sqlite")) {
  throw new Error(
    `--data-dir needs Node.js 22.13 or newer, and so do its tests; this is ${process.version}. Run them with: npx --package node@24 -- npm run test:data`,
  );
}
