import { newerThan, type Replaced, replaceIn } from "./replacements";
import { mapText, type StackFile } from "./stack-file";

/** What an `archive_file` data source would have answered. */
export interface Zip {
  readonly output_path: string;
  readonly output_base64sha256: string;
}

export interface Available {
  /** The version found of each required provider, by its name in `required_providers`. */
  readonly versions: Readonly<Record<string, string>> & { readonly aws: string };
  /** The zip made in place of each `archive_file`, by name. */
  readonly zips: Readonly<Record<string, Zip>>;
}

/** The stack, changed only in what the providers at hand force. */
export function adaptTo(available: Available, synthesized: StackFile): Replaced {
  const pinned = pinVersions(synthesized, available.versions);
  const unpacked = replaceArchives(pinned.stack, available);
  const known = replaceIn(unpacked.stack, newerThan(available.versions.aws));
  return { stack: known.stack, changes: [...pinned.changes, ...unpacked.changes, ...known.changes] };
}

function pinVersions(stack: StackFile, versions: Available["versions"]): Replaced {
  const changes: string[] = [];
  const pinned = Object.entries(stack.terraform?.required_providers ?? {}).map(([name, required]) => {
    const version = versions[name] ?? required.version;
    if (version !== required.version) changes.push(`provider ${name}: version ${required.version} → ${version}`);
    return [name, { ...required, version }] as const;
  });
  return {
    stack: { ...stack, terraform: { ...stack.terraform, required_providers: Object.fromEntries(pinned) } },
    changes,
  };
}

function replaceArchives(stack: StackFile, { versions, zips }: Available): Replaced {
  const required = stack.terraform?.required_providers ?? {};
  if (!required.archive || versions.archive !== undefined) return { stack, changes: [] };
  const { archive: _provider, ...otherRequired } = required;
  const { archive: _config, ...otherProviders } = stack.provider ?? {};
  const { archive_file: archives = {}, ...otherData } = stack.data ?? {};
  const { data: _data, ...rest } = stack;
  const without = {
    ...rest,
    ...(Object.keys(otherData).length > 0 && { data: otherData }),
    provider: otherProviders,
    terraform: { ...stack.terraform, required_providers: otherRequired },
  };
  return {
    stack: mapText(without, (text) =>
      text.replace(/\$\{data\.archive_file\.([\w-]+)\.(\w+)\}/g, (_, name: string, attribute: string) =>
        zipAttribute(zips, name, attribute),
      ),
    ),
    changes: [
      "provider archive: left out, no copy of it was found",
      ...Object.entries(archives).map(([name, config]) => `data.archive_file.${name}: a zip of ${config.source_dir}`),
    ],
  };
}

function zipAttribute(zips: Available["zips"], name: string, attribute: string): string {
  const known: Readonly<Record<string, string>> = { ...zips[name] };
  const value = known[attribute];
  if (value !== undefined) return value;
  throw new Error(
    `\${data.archive_file.${name}.${attribute}} has no stand-in; known are ${Object.keys(known).join(", ") || "none"}. Add it to Zip in __tests__/helpers/terraform/adapt.ts, or install the archive provider.`,
  );
}
