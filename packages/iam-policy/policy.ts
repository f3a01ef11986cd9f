export type OneOrMore<Value> = Value | readonly Value[];

/** Principals of a statement: everyone, or names by kind: `AWS`, `Service`, `Federated`. */
export type Principal = "*" | Readonly<Record<string, OneOrMore<string>>>;

export type ConditionValue = string | number | boolean;

/** Values to compare with, by operator and then by condition key. */
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
  /** Policy variables such as `${aws:username}` work with 2012-10-17 only; without a version they are text. */
  readonly Version?: string;
  readonly Statement: OneOrMore<Statement>;
}

export function listOf<Value>(values: OneOrMore<Value> | undefined): readonly Value[] {
  if (values === undefined) return [];
  return Array.isArray(values) ? values : [values as Value];
}
