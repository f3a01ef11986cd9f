export type Values = Readonly<Record<string, unknown>>;

export interface ResourceChange {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly change: {
    readonly actions: readonly ("no-op" | "create" | "read" | "update" | "delete" | "forget")[];
    readonly before: Values | null;
    readonly after: Values | null;
    /** Values that are unknown until the apply, as `true` in place of each. */
    readonly after_unknown: Values;
  };
}

/** Output of `terraform show -json` for a plan. */
export interface Plan {
  readonly resource_changes?: readonly ResourceChange[];
  /** State before the plan, as the provider read it. */
  readonly prior_state?: State;
  /** True if `-detailed-exitcode` reported no change of resources and outputs. */
  readonly isEmpty: boolean;
}

export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly values: Values;
}

/** Output of `terraform show -json` for the state. */
export interface State {
  readonly values?: { readonly root_module: { readonly resources?: readonly Resource[] } };
}

/** One attribute that a plan changes in place. */
export interface AttributeChange {
  readonly address: string;
  readonly attribute: string;
  readonly before: unknown;
  /** New value; undefined if it is unknown until the apply. */
  readonly after: unknown;
}

export function managed({ resource_changes = [] }: Plan): ResourceChange[] {
  return resource_changes.filter(({ mode }) => mode === "managed");
}

export function updatesInPlace(plan: Plan): AttributeChange[] {
  return managed(plan)
    .filter(({ change }) => change.actions.join() === "update")
    .flatMap(changedAttributes);
}

function changedAttributes({ address, change }: ResourceChange): AttributeChange[] {
  const { before, after, after_unknown: unknown } = change;
  const attributes = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...Object.keys(unknown)]);
  return [...attributes].sort().flatMap((attribute) => {
    const [was, becomes] = [before?.[attribute], after?.[attribute]];
    const same = JSON.stringify(was ?? null) === JSON.stringify(becomes ?? null);
    return same && !isUnknown(unknown[attribute]) ? [] : [{ address, attribute, before: was, after: becomes }];
  });
}

/** Returns whether a part of `after_unknown` has an unknown value; known blocks are empty objects there. */
export function isUnknown(part: unknown): boolean {
  if (part === true) return true;
  return typeof part === "object" && part !== null && Object.values(part).some(isUnknown);
}
