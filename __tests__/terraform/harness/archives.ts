import { mapText, type StackFile } from "./stack-file";

/** Values of an `archive_file` data source. */
export interface Zip {
  readonly output_path: string;
  readonly output_base64sha256: string;
}

/** Returns the stack without the archive provider: values replace each `archive_file`, by name. */
export function withoutArchives(stack: StackFile, zips: Readonly<Record<string, Zip>>): StackFile {
  const { archive: _required, ...required } = stack.terraform?.required_providers ?? {};
  const { archive: _provider, ...provider } = stack.provider ?? {};
  const { archive_file: _archives, ...data } = stack.data ?? {};
  const { data: _data, ...rest } = stack;
  const without = {
    ...rest,
    ...(Object.keys(data).length > 0 && { data }),
    provider,
    terraform: { ...stack.terraform, required_providers: required },
  };
  return mapText(without, (text) =>
    text.replace(/\$\{data\.archive_file\.([\w-]+)\.(\w+)\}/g, (_, name: string, attribute: string) =>
      zipAttribute(zips, name, attribute),
    ),
  );
}

function zipAttribute(zips: Readonly<Record<string, Zip>>, name: string, attribute: string): string {
  const known: Readonly<Record<string, string>> = { ...zips[name] };
  const value = known[attribute];
  if (value !== undefined) return value;
  throw new Error(
    `\${data.archive_file.${name}.${attribute}} has no stand-in; known are ${Object.keys(known).join(", ") || "none"}. Add it to Zip in __tests__/terraform/harness/archives.ts, or install the archive provider.`,
  );
}
