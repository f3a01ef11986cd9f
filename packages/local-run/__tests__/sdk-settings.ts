import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Settings of the installed AWS SDK, read from its source code, so that settings of later versions are included. */
export interface Settings {
  /** Names of environment variables. */
  readonly variables: readonly string[];
  /** Keys of the configuration files. */
  readonly keys: readonly string[];
}

const READS_FILES = /configFileSelector|parseKnownFiles|loadSharedConfigFiles/;
const VARIABLE = /\b(?:AWS_[A-Z0-9_]+|_X_AMZN_\w+)\b/g;
/** Matches a key in quotes, or after a profile's name. */
const KEY = /(?<=["'])[a-z\d]+(?:_[a-z\d]+)+(?=["'])|(?<=\bprofile\w*\??\.)[a-z_\d]+\b(?!\()/g;

export function sdkSettings(): Settings {
  const [variables, keys] = [new Set<string>(), new Set<string>(["region"])];
  for (const scope of ["@aws-sdk", "@smithy", "@aws"]) {
    const folder = join("node_modules", scope);
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!/\bdist-cjs\b.*\.js$/.test(name)) continue;
      const text = readFileSync(join(folder, name), "utf8");
      for (const [variable] of text.matchAll(VARIABLE)) variables.add(variable);
      if (READS_FILES.test(text)) for (const [key] of text.matchAll(KEY)) keys.add(key);
    }
  }
  return { variables: [...variables].sort(), keys: [...keys].sort() };
}
