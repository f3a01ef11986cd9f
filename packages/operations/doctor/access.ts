import type { KeyMetadata } from "@aws-sdk/client-kms";
import { decideFromKnown, type KnownDecision } from "@event-pipeline/iam-policy/decide-from-known";
import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";
import type { AccessRequest, Caller, Context } from "@event-pipeline/iam-policy/request";
import { isInaccessible, isMissing } from "../aws-errors";
import { type Check, type Examination, type Finding, type PlannedHop, resourcesOf, unknown, wrong } from "./hop";
import { nameIn } from "./stack";

interface Permission {
  readonly action: string;
  readonly resource: string;
}

const EVERYTHING: Policy = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
const SEE_POLICY = "Read the policy's condition, and decide it with the values of your network and organization.";

/** Returns the context of requests from a service on behalf of a resource. AWS uses TLS for them. */
export function onBehalfOf(arn: string, { place }: Examination): Context {
  return { "aws:SecureTransport": true, "aws:SourceArn": arn, "aws:SourceAccount": place.account };
}

/** Returns a finding unless the request is allowed. */
export function judge(request: AccessRequest, who: string, fix: string, unknownKeys?: readonly string[]): Finding[] {
  const decision = decideRequest(request, unknownKeys);
  if (decision.allowed === true) return [];
  const what = `${request.action} on ${request.resource.arn}`;
  if (decision.allowed === false) {
    const subject = who.replace(/^./, (letter) => letter.toUpperCase());
    return [wrong(`${subject} is denied ${what}, ${decision.reason}.`, fix)];
  }
  const keys = decision.conditionKeys.join(", ");
  return [unknown(`Whether ${who} is allowed ${what} depends on the condition ${keys}.`, SEE_POLICY)];
}

function decideRequest(request: AccessRequest, unknownKeys?: readonly string[]): KnownDecision {
  const context = { "aws:SecureTransport": true, "aws:SourceArn": [], "aws:SourceAccount": [], ...request.context };
  return decideFromKnown({ ...request, context }, unknownKeys);
}

function isExplicitlyDenied(request: AccessRequest): boolean {
  const decision = decideRequest(request);
  return decision.allowed === false && decision.reason === "with an explicit deny";
}

/** A role in the stack, and the role that the resource has. */
export interface RoleUse {
  /** The role's ARN in the stack. */
  readonly expected: string;
  /** Returns the ARN of the deployed role; undefined if AWS does not return it. */
  readonly actual: () => Promise<string | undefined>;
}

/** Returns the checks that a resource's own policy and key let a role through for what the stack allows the role. */
export function resourceChecks(
  x: Examination,
  { expected, actual }: RoleUse,
  { arn, keyOf }: { readonly arn: string; readonly keyOf: () => Promise<string | undefined> },
): Check[] {
  const needed = permissionsOf(x, nameIn(expected)).filter(({ resource }) => withPolicy(resource) === arn);
  const role = async () => (await ifAccessible(actual)) ?? expected;
  return [
    async () => {
      const caller = { arn: await role(), policies: [EVERYTHING] };
      const policies = await x.deployed.policiesOf(arn);
      const found = needed.map(({ action, resource }) => {
        const target = { arn: resource, account: x.place.account, policies };
        return judge({ caller, action, resource: target }, `the role ${nameIn(caller.arn)}`, x.deploy);
      });
      return summarized(found.flat());
    },
    async () => {
      const keyId = await keyOf();
      if (!keyId || needed.length === 0) return judgeKey(x, keyId);
      const caller = await role();
      const policies = (await x.deployed.rolePolicies(nameIn(caller))).map(({ document }) => document);
      const service = arn.split(":")[2];
      const generates = needed.some(({ action }) => /^(sqs:SendMessage|s3:PutObject)$/.test(action));
      const use = {
        caller: { arn: caller, policies },
        who: `the role ${nameIn(caller)}`,
        actions: generates ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"],
        context: {
          "kms:ViaService": `${service}.${x.place.region}.amazonaws.com`,
          "kms:CallerAccount": x.place.account,
        },
      };
      return judgeKey(x, keyId, use);
    },
  ];
}

/** Reads a source; undefined if it is denied, missing, or not in the local run. Its own hop reports why. */
export async function ifAccessible<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isInaccessible(error)) return undefined;
    throw error;
  }
}

/** Returns the ARN whose policy applies: objects have the policy of their bucket, and indexes that of their table. */
function withPolicy(arn: string): string {
  return /^(arn:[^:]+:s3:::[^/]+|arn:[^:]+:dynamodb:[^/]+\/[^/]+)/.exec(arn)?.[0] ?? arn;
}

/** Returns the permissions that the stack gives a role, except for keys: those follow from the encrypted resources. */
export function permissionsOf(x: Examination, roleName: string): Permission[] {
  const isItsRole = (role: unknown) => nameIn(String(role)) === roleName;
  return resourcesOf(x, "aws_iam_role_policy")
    .filter(({ config }) => isItsRole(config.role))
    .flatMap(({ config }) => listOf<Statement>((JSON.parse(String(config.policy)) as Policy).Statement))
    .filter(({ Effect, Condition }) => Effect === "Allow" && Condition === undefined)
    .flatMap(({ Action, Resource }) =>
      listOf(Action).flatMap((action) =>
        // A permission for every object or log stream is decided for one of them.
        listOf(Resource).map((resource) => ({ action, resource: resource.replace(/(?<=.)\*$/, "any") })),
      ),
    );
}

/**
 * Returns the hop through a role: the service may assume it, and its policies allow what the stack gives it.
 *
 * @param source - The ARN of the resource that has the role.
 */
export function roleHop(
  x: Examination,
  { expected, actual }: RoleUse,
  { service, source }: { readonly service: string; readonly source: string },
): PlannedHop {
  const { deployed, deploy } = x;
  const name = nameIn(expected);
  const address = resourcesOf(x, "aws_iam_role").find(({ config }) => config.name === name)?.address ?? "aws_iam_role";
  const swapped: Check = async () => {
    const arn = await actual();
    if (arn === undefined || nameIn(arn) === name) return [];
    return [wrong(`${nameIn(source)} has the role ${nameIn(arn)}. In the stack it is ${name}.`, deploy)];
  };
  const trusted: Check = async () => {
    const arn = (await actual()) ?? expected;
    const { trust } = await deployed.role(nameIn(arn));
    const request = { caller: { service }, action: "sts:AssumeRole", resource: { arn, policies: [trust] } };
    return judge({ ...request, context: onBehalfOf(source, x) }, service, deploy);
  };
  const allowed: Check = async () => {
    const arn = (await actual()) ?? expected;
    const { boundary } = await deployed.role(nameIn(arn));
    const policies = await deployed.rolePolicies(nameIn(arn));
    const permissionsBoundary = boundary === undefined ? undefined : await deployed.managedPolicy(boundary);
    const found = permissionsOf(x, name).map(async ({ action, resource }) => {
      const own = await deployed.policiesOf(withPolicy(resource));
      const request = (documents: readonly Policy[], ofResource: readonly Policy[]): AccessRequest => ({
        caller: { arn, policies: documents, ...(permissionsBoundary && { permissionsBoundary }) },
        action,
        resource: { arn: resource, account: x.place.account, policies: ofResource },
        context: service.startsWith("lambda.") ? { "lambda:SourceFunctionArn": source } : {},
      });
      const denying = policies.find(({ document }) => isExplicitlyDenied(request([document], [])));
      // What the resource's own policy denies is a finding of the resource's hop.
      if (!denying && isExplicitlyDenied({ ...request([], own), caller: { arn, policies: [EVERYTHING] } })) return [];
      const byBoundary = boundary ? [`Or allow it in the boundary ${boundary}.`] : [];
      const documents = policies.map(({ document }) => document);
      return judge(
        request(documents, own),
        `the role ${nameIn(arn)}`,
        denying?.remove ?? [deploy, ...byBoundary].join("\n"),
      );
    });
    return summarized((await Promise.all(found)).flat());
  };
  return { hop: "role", address, name, checks: [swapped, trusted, allowed] };
}

/** Merges findings with the same reason and fix, because a role without its policies lacks every permission. */
function summarized(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.what}${finding.message.split(", because").at(1)}${finding.fix}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map(([first, ...rest]) => {
    const more = ` The same applies to ${rest.length} more ${rest.length === 1 ? "request" : "requests"}.`;
    return { ...(first as Finding), message: `${first?.message}${rest.length > 0 ? more : ""}` };
  });
}

interface KeyUse {
  readonly caller: Caller;
  readonly who: string;
  readonly actions: readonly string[];
  readonly context: Context;
}

/** The alias of a key that AWS manages, such as `alias/aws/sqs`. On AWS, each of these exists; emulators may lack them. */
const AWS_KEY_ALIAS = /(?:^|:)alias\/aws\//;

/** Decides whether the key that encrypts a resource can be used: its state, and whether its policy allows the use. */
export async function judgeKey(
  { pipeline, deployed, deploy }: Examination,
  keyId: string | undefined,
  use?: KeyUse,
): Promise<Finding[]> {
  if (!keyId) return [];
  let key: KeyMetadata | undefined;
  try {
    key = await deployed.key(keyId);
  } catch (error) {
    if (pipeline.connection.endpoint === undefined || !AWS_KEY_ALIAS.test(keyId) || !isMissing(error)) throw error;
    return [{ what: "not emulated", message: `the key ${keyId}` }];
  }
  const { Arn: arn = keyId, KeyState, KeyManager } = key ?? {};
  const state = (fix: string) => [wrong(`The key ${arn} is in the state ${KeyState}.`, fix)];
  if (KeyState === "PendingDeletion") {
    return state(
      `${pipeline.awsCli} kms cancel-key-deletion --key-id ${arn} && ${pipeline.awsCli} kms enable-key --key-id ${arn}`,
    );
  }
  if (KeyState !== "Enabled") return state(`${pipeline.awsCli} kms enable-key --key-id ${arn}`);
  // AWS lets every role of the account use its own keys through the service, but never another service.
  if (!use || (KeyManager === "AWS" && !("service" in Object(use.caller)))) return [];
  const resource = { arn, policies: [await deployed.keyPolicy(arn)] };
  const fix = `${deploy}\nIf the stack does not have the policy of the key, allow it in that policy.`;
  const { caller, who, actions, context } = use;
  return summarized(actions.flatMap((action) => judge({ caller, action, resource, context }, who, fix)));
}
