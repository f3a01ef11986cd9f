import { accountOf } from "./arn";
import { type ConditionValue, listOf } from "./policy";
import { type AccessRequest, type Caller, type Context, isIdentity } from "./request";

/** Returns the values of a condition key; undefined when the request has none. */
export type ContextValues = (key: string) => readonly string[] | undefined;

/** Looks up condition keys in a request: in its own context, and in what caller and resource imply. */
export function contextValues({ caller, resource, context = {} }: AccessRequest): ContextValues {
  const owner = resource.account ?? accountOf(resource.arn);
  const implied: Context = { ...ofCaller(caller), ...(owner !== undefined && { "aws:ResourceAccount": owner }) };
  const values = new Map(
    [...Object.entries(implied), ...Object.entries(context)].map(([key, value]) => [
      key.toLowerCase(),
      listOf<ConditionValue>(value).map(String),
    ]),
  );
  return (key) => {
    const found = values.get(key.toLowerCase());
    return found?.length ? found : undefined;
  };
}

function ofCaller(caller: Caller): Context {
  if (caller === "anonymous") return { "aws:PrincipalIsAWSService": false };
  if ("service" in caller) {
    return { "aws:PrincipalIsAWSService": true, "aws:PrincipalServiceName": caller.service };
  }
  if (!isIdentity(caller)) return { "aws:PrincipalIsAWSService": false, "aws:FederatedProvider": caller.federated };
  const account = accountOf(caller.arn);
  const userName = /:user\/(?:.*\/)?([^/]+)$/.exec(caller.arn)?.[1];
  return {
    "aws:PrincipalIsAWSService": false,
    "aws:PrincipalArn": caller.arn,
    ...(account !== undefined && { "aws:PrincipalAccount": account }),
    ...(userName !== undefined && { "aws:username": userName }),
  };
}
