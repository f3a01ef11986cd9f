import * as equal from "ajv/dist/runtime/equal";
import * as ucs2length from "ajv/dist/runtime/ucs2length";
import * as formats from "ajv-formats/dist/formats";

/** The modules that compiled contracts need. The handler's bundle has them, so a contract's code needs no bundler. */
const HELPERS: Readonly<Record<string, unknown>> = {
  "ajv/dist/runtime/equal": equal,
  "ajv/dist/runtime/ucs2length": ucs2length,
  "ajv-formats/dist/formats": formats,
};

/** Returns a module by its name, as `require` would. @throws Error if no compiled contract may need it. */
export function helperModule(name: string): unknown {
  const helper = HELPERS[name];
  if (helper !== undefined) return helper;
  throw new Error(`A compiled contract needs the module ${name}, which the handler does not have.`);
}
