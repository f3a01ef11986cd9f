import { createRequire } from "node:module";
import type { Store } from "dynalite/db/index.js";
import type { Validation } from "dynalite/validations/index.js";
import { DYNAMODB } from "../served/dynamodb";

const load = createRequire(import.meta.url);

/** What dynalite gives an action's caller. */
export type ActionCallback = (error: Error | null | undefined, answer?: object) => void;

export interface Operation extends Validation {
  readonly run: (store: Store, input: object, callback: ActionCallback) => void;
}

/** The operations by name, each with its rules. */
export function loadOperations(): ReadonlyMap<string, Operation> {
  return new Map(
    Object.keys(DYNAMODB.actions).map((name) => {
      const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
      const validation = load(`dynalite/validations/${file}`) as Validation;
      return [name, { ...validation, run: load(`dynalite/actions/${file}`) as Operation["run"] }];
    }),
  );
}
