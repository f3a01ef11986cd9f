import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { MACHINE_CLOCK } from "../../clock";
import { Iam } from "../../iam/iam";
import { IAM } from "../../iam/service";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";
import { testSupportedActions } from "../supported-actions";

const policyOf = (statement: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const POLICY = policyOf({ Action: "sqs:*", Resource: "*" });
const TRUST = policyOf({ Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } });
const NO_POLICIES = ["", "{", "{}", "[]", "null", '{"Version":"2012-10-17"}', policyOf({}), policyOf({ Action: "*" })];

let services: Services;
let client: IAMClient;

beforeAll(async () => {
  const storage = new MemoryStorage();
  const delivery = { shuffled: false, seed: 0 };
  const create = (endpoint: string) => {
    const host = { endpoint, region: "us-east-1", clock: MACHINE_CLOCK, storage, observer: {}, delivery };
    return [{ definition: IAM, state: new Iam(host) }];
  };
  services = await startServices(create, { storage });
  client = new IAMClient({ ...services.config, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await services.stop();
});

const create = (RoleName: string, AssumeRolePolicyDocument = TRUST) =>
  client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags: [{ Key: "a", Value: "b" }] }));
const putPolicy = (RoleName: string, PolicyName: string, PolicyDocument = POLICY) =>
  client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

testSupportedActions(IAM, {
  CreateRole: async () => {
    const { Role } = await create("created");
    expect(Role).toMatchObject({ RoleName: "created", Arn: "arn:aws:iam::000000000000:role/created", Path: "/" });
    await expect(create("created")).rejects.toMatchObject({ name: "EntityAlreadyExistsException" });
    for (const policy of [...NO_POLICIES, POLICY, TRUST.replace("Allow", "allow")]) {
      await expect(create("bad", policy)).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    }
    await expect(create("bad name")).rejects.toMatchObject({ name: "ValidationError" });
  },
  GetRole: async () => {
    await create("got");
    const { Role } = await client.send(new GetRoleCommand({ RoleName: "got" }));
    expect(decodeURIComponent(String(Role?.AssumeRolePolicyDocument))).toBe(TRUST);
    expect(Role?.Tags).toEqual([{ Key: "a", Value: "b" }]);
    const absent = client.send(new GetRoleCommand({ RoleName: "absent" }));
    await expect(absent).rejects.toMatchObject({ name: "NoSuchEntityException", $metadata: { httpStatusCode: 404 } });
  },
  ListRoles: async () => {
    await create("listed");
    const { Roles = [], IsTruncated } = await client.send(new ListRolesCommand({}));
    expect([Roles.map(({ RoleName }) => RoleName), IsTruncated]).toEqual([expect.arrayContaining(["listed"]), false]);
    const page = await client.send(new ListRolesCommand({ MaxItems: 1 }));
    const rest = await client.send(new ListRolesCommand({ Marker: page.Marker }));
    expect([...(page.Roles ?? []), ...(rest.Roles ?? [])]).toEqual(Roles);
  },
  DeleteRole: async () => {
    await create("deleted");
    await putPolicy("deleted", "p");
    const remove = () => client.send(new DeleteRoleCommand({ RoleName: "deleted" }));
    await expect(remove()).rejects.toMatchObject({ name: "DeleteConflictException" });
    await client.send(new DeleteRolePolicyCommand({ RoleName: "deleted", PolicyName: "p" }));
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: "NoSuchEntityException" });
  },
  PutRolePolicy: async () => {
    await create("with-policy");
    await putPolicy("with-policy", "p");
    await expect(putPolicy("absent", "p")).rejects.toMatchObject({ name: "NoSuchEntityException" });
    for (const policy of [...NO_POLICIES, TRUST, POLICY.replace("2012", "2013")]) {
      const put = putPolicy("with-policy", "p", policy);
      await expect(put).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    }
  },
  GetRolePolicy: async () => {
    await create("policy-got");
    await putPolicy("policy-got", "p");
    const get = (PolicyName: string) => client.send(new GetRolePolicyCommand({ RoleName: "policy-got", PolicyName }));
    expect(decodeURIComponent(String((await get("p")).PolicyDocument))).toBe(POLICY);
    for (const name of ["q", "toString"])
      await expect(get(name)).rejects.toMatchObject({ name: "NoSuchEntityException" });
  },
  ListRolePolicies: async () => {
    await create("policies");
    for (const name of ["b", "a"]) await putPolicy("policies", name);
    const { PolicyNames } = await client.send(new ListRolePoliciesCommand({ RoleName: "policies" }));
    expect(PolicyNames).toEqual(["a", "b"]);
  },
  // Terraform asks for both.
  ListAttachedRolePolicies: async () => {
    const of = (RoleName: string) => client.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    await create("attached");
    expect(await of("attached")).toMatchObject({ AttachedPolicies: [], IsTruncated: false });
    await expect(of("unknown")).rejects.toMatchObject({ name: "NoSuchEntityException" });
  },
  ListInstanceProfilesForRole: async () => {
    const of = (RoleName: string) => client.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    await create("profiles");
    expect(await of("profiles")).toMatchObject({ InstanceProfiles: [], IsTruncated: false });
    await expect(of("unknown")).rejects.toMatchObject({ name: "NoSuchEntityException" });
  },
  DeleteRolePolicy: async () => {
    await create("policy-deleted");
    await putPolicy("policy-deleted", "p");
    const remove = () => client.send(new DeleteRolePolicyCommand({ RoleName: "policy-deleted", PolicyName: "p" }));
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: "NoSuchEntityException" });
  },
});

test("rejects a permissions boundary, which would have no effect", async () => {
  const command = new CreateRoleCommand({
    RoleName: "bounded",
    AssumeRolePolicyDocument: POLICY,
    PermissionsBoundary: "arn:aws:iam::000000000000:policy/b",
  });
  await expect(client.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
});
