import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyAction, AnyDefinition, RequestContext } from "../../gateway/service";
import type { Operation, ServiceSchemas, Shape, StoredService } from "../../protocols/shape";

/** Answer of a stub. */
export type Run = (operation: string, input: Record<string, unknown>, context: RequestContext) => unknown;

/** Dumps the schemas of all operations of the SDK, even of those that are not supported. */
export function allSchemas(): Readonly<Record<string, StoredService>> {
  const file = join(mkdtempSync(join(tmpdir(), "schemas-")), "schemas.json");
  execFileSync(process.execPath, [join(__dirname, "../../protocols/dump-schemas.mjs"), file]);
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, StoredService>;
}

/** Returns a service whose operations all have an action that handles all members. */
export function stubService(definition: AnyDefinition, schemas: ServiceSchemas, run: Run): AnyDefinition {
  const operations = Object.values(schemas.operations).filter(({ input }) => input);
  return { ...definition, schemas, actions: Object.fromEntries(operations.map((it) => [it.name, stub(it, run)])) };
}

function stub({ name, input }: Operation, run: Run): AnyAction<unknown> {
  return {
    handles: input ? leafPaths(input.shape) : [],
    run: async (value: Record<string, unknown>, _state: unknown, context) => run(name, value, context),
  };
}

/** Returns the paths of all members; of members that contain themselves, to a depth that no test exceeds. */
export function leafPaths(shape: Shape, path = "", depth = 0): string[] {
  if (depth > 8) return [path];
  if (shape.type === "list") return leafPaths(shape.member.shape, path, depth);
  if (shape.type === "map") return leafPaths(shape.value.shape, path, depth);
  if (shape.type !== "structure") return [path];
  const members = Object.entries(shape.members);
  if (members.length === 0 && path !== "") return [path];
  return members.flatMap(([name, member]) =>
    leafPaths(member.shape, path === "" ? name : `${path}.${name}`, depth + 1),
  );
}
