/** The folder of the package for other projects, whose content `npm run package` packs. */
export const PACKAGE_FOLDER = "dist/package";

/**
 * Returns the package's package.json: the parts of this repository's package.json that users of the package need.
 * `main`, `types` and `typesVersions` are for TypeScript's `moduleResolution: node10`, which ignores `exports`. It is the
 * default for `module: CommonJS`, as in CDKTF's template.
 */
export function packageManifest(root) {
  const { name, version, description, license, engines, dependencies, peerDependencies, peerDependenciesMeta } = root;
  const [main, types] = ["./dist/index.js", "./dist/types/stacks/package.d.ts"];
  const publishTypes = "./dist/types/stacks/publish.d.ts";
  return {
    name,
    version,
    description,
    license,
    type: "commonjs",
    engines,
    main,
    types,
    typesVersions: { "*": { publish: [publishTypes] } },
    exports: {
      ".": { types, default: main },
      "./publish": { types: publishTypes, default: "./dist/publish.js" },
      "./package.json": "./package.json",
    },
    bin: { "event-pipeline": "./dist/cli/main.mjs" },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  };
}
