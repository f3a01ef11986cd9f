import { listOf, type OneOrMore, type Statement } from "@event-pipeline/iam-policy/policy";

/** A change or removal of a statement, and its effect on a row of the table. */
export interface Mutation {
  readonly without: string;
  readonly statement: Statement | undefined;
  readonly notices: "an allowed row is denied" | "a denied row is allowed";
}

/** Returns every way to remove a statement or one of its actions, resources, principals or conditions. */
export function mutationsOf(statement: Statement): Mutation[] {
  const isAllow = statement.Effect === "Allow";
  const [narrower, wider] = isAllow
    ? (["an allowed row is denied", "a denied row is allowed"] as const)
    : (["a denied row is allowed", "an allowed row is denied"] as const);
  const narrowed = (without: string, changed: Partial<Statement> | undefined): Mutation => ({
    without,
    statement: changed && { ...statement, ...changed },
    notices: narrower,
  });
  const { Action, Resource, Principal } = statement;
  const principals = Principal === undefined || Principal === "*" ? [] : Object.entries(Principal);
  return [
    narrowed("the statement", undefined),
    ...leftOut(Action).map(([one, rest]) => narrowed(one, { Action: rest })),
    ...leftOut(Resource).map(([one, rest]) => narrowed(one, { Resource: rest })),
    ...principals.flatMap(([kind, names]) =>
      leftOut(names).map(([one, rest]) => narrowed(one, { Principal: { [kind]: rest } })),
    ),
    ...conditionsLeftOut(statement).map(
      ([without, Condition]): Mutation => ({ without, statement: { ...statement, Condition }, notices: wider }),
    ),
  ];
}

/** Returns each value with the remaining values; none if there is only one value. */
function leftOut(values: OneOrMore<string> | undefined): [one: string, rest: string[]][] {
  const all = listOf<string>(values);
  return all.length < 2 ? [] : all.map((one) => [one, all.filter((other) => other !== one)]);
}

function conditionsLeftOut({
  Condition = {},
}: Statement): [without: string, rest: NonNullable<Statement["Condition"]>][] {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.keys(keys).map((left): [string, NonNullable<Statement["Condition"]>] => {
      const rest = Object.fromEntries(Object.entries(keys).filter(([key]) => key !== left));
      return [`${operator} ${left}`, { ...Condition, [operator]: rest }];
    }),
  );
}
