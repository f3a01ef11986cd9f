type OneOrMore = string | readonly string[];

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
  readonly Action: OneOrMore;
  readonly Resource: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

export interface Policy {
  readonly Statement: Statement | readonly Statement[];
}

export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Who asks, such as `{ Service: "sns.amazonaws.com" }`; absent for a role's own policy. */
  readonly principal?: Readonly<Record<string, string>>;
  /** The keys that conditions read. TLS is what every AWS SDK uses, so it is taken as given. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Whether AWS would allow the request by these policies alone: one Allow, and no Deny. */
export function allows(policies: readonly Policy[], request: Request): boolean {
  const effects = policies
    .flatMap(statements)
    .filter((statement) => applies(statement, request))
    .map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

export function statements({ Statement }: Policy): Statement[] {
  return [Statement].flat() as Statement[];
}

/** What Allow statements grant, as every pair of action and resource. */
export function grants(policies: readonly Policy[]): { action: string; resource: string }[] {
  return policies
    .flatMap(statements)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((resource) => ({ action, resource }))),
    );
}

function applies(statement: Statement, request: Request): boolean {
  return (
    matchesPrincipal(statement.Principal, request.principal) &&
    list(statement.Action).some((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())) &&
    list(statement.Resource).some((pattern) => matches(pattern, request.resource)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) => holds(operator, keys, request))
  );
}

function matchesPrincipal(wanted: Statement["Principal"], asking: Request["principal"]): boolean {
  if (wanted === undefined || wanted === "*") return true;
  return Object.entries(wanted).some(([kind, names]) => {
    const name = asking?.[kind];
    return list(names).some((allowed) => (allowed === "*" && kind === "AWS") || allowed === name);
  });
}

const OPERATORS: Readonly<Record<string, (pattern: string, value: string) => boolean>> = {
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (wanted, value) => wanted === value,
  StringEquals: (wanted, value) => wanted === value,
  StringLike: matches,
};

function holds(operator: string, keys: Readonly<Record<string, OneOrMore>>, { context }: Request): boolean {
  const compare = OPERATORS[operator];
  if (!compare) {
    throw new Error(
      `The policy has a condition ${operator}; known are ${Object.keys(OPERATORS).join(", ")}. Add it to OPERATORS in __tests__/terraform/harness/policy.ts.`,
    );
  }
  const given: Readonly<Record<string, string>> = { "aws:SecureTransport": "true", ...context };
  return Object.entries(keys).every(([key, patterns]) => {
    const value = given[key];
    return value !== undefined && list(patterns).some((pattern) => compare(pattern, value));
  });
}

/** IAM's wildcards: `*` is any text, `?` any one character. */
function matches(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(value);
}

function list(values: OneOrMore): readonly string[] {
  return typeof values === "string" ? [values] : values;
}
