export type OneOrMore<Value> = Value | readonly Value[];

/** Principals of a statement: `*` for everyone, or names by type (`AWS`, `Service` or `Federated`). */
export type Principal = "*" | Readonly<Record<string, OneOrMore<string>>>;

export type ConditionValue = string | number | boolean;

/** Expected values, by condition operator and then by condition key. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, OneOrMore<ConditionValue>>>>>;

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: Principal;
  readonly NotPrincipal?: Principal;
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: ConditionBlock;
}

export interface Policy {
  /** Policy variables such as `${aws:username}` require 2012-10-17. In an older version, they are plain text. */
  readonly Version?: string;
  readonly Statement: OneOrMore<Statement>;
}

export function listOf<Value>(values: OneOrMore<Value> | undefined): readonly Value[] {
  if (values === undefined) return [];
  return Array.isArray(values) ? values : [values as Value];
}
