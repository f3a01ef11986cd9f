import { randomBytes } from "node:crypto";
import { ACCOUNT_ID } from "../account";
import type { Host } from "../host";
import { pageOf } from "../page";
import { AwsError } from "../protocols/aws-error";
import type { Table } from "../storage/storage";

/** A role, with its inline policies. */
export interface StoredRole {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly trustPolicy: string;
  readonly description?: string | undefined;
  readonly maxSessionSeconds: number;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** Policy documents by name. */
  readonly policies: Readonly<Record<string, string>>;
}

/** The roles. Nothing evaluates their policies. */
export class Iam {
  private readonly roles: Table<StoredRole>;

  constructor(private readonly host: Host) {
    this.roles = host.storage.table("iam-roles");
  }

  /** @throws AwsError when there is such a role. */
  create(role: Omit<StoredRole, "id" | "createdAt" | "policies">): StoredRole {
    if (this.roles.has(role.name)) {
      throw new AwsError("EntityAlreadyExistsException", `Role with name ${role.name} already exists.`);
    }
    return this.put(role);
  }

  /** Creates a role without policies, or replaces the role with this name. */
  put(role: Omit<StoredRole, "id" | "createdAt" | "policies">): StoredRole {
    const id = `AROA${randomBytes(12).toString("hex").toUpperCase().slice(0, 17)}`;
    const created = { ...role, id, createdAt: this.host.clock.now(), policies: {} };
    this.roles.set(role.name, created);
    return created;
  }

  /** @throws AwsError when there is no such role. */
  role(name = ""): StoredRole {
    const role = this.roles.get(name);
    if (role) return role;
    throw new AwsError("NoSuchEntityException", `The role with name ${name} cannot be found.`);
  }

  /** Roles, sorted by name. */
  all(): StoredRole[] {
    return [...this.roles.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** @throws AwsError when there is no such role, or it has policies. */
  delete(name: string): void {
    if (Object.keys(this.role(name).policies).length > 0) {
      throw new AwsError("DeleteConflictException", "Cannot delete entity, must delete policies first.");
    }
    this.roles.delete(name);
  }

  setPolicies(role: StoredRole, policies: StoredRole["policies"]): void {
    this.roles.set(role.name, { ...role, policies });
  }
}

/** Returns a role as IAM describes it. Policies are percent-encoded. */
export function describeRole(role: StoredRole) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: `arn:aws:iam::${ACCOUNT_ID}:role${role.path}${role.name}`,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    ...(role.tags.length > 0 && { Tags: [...role.tags] }),
  };
}

/** @throws AwsError when a name has characters that IAM does not allow. */
export function assertName(member: string, name = "", maxLength = 64): string {
  if (/^[\w+=,.@-]+$/.test(name) && name.length <= maxLength) return name;
  const message = `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-, and at most ${maxLength}.`;
  throw new AwsError("ValidationError", message);
}

/** Returns a page of a list, and the members that refer to the next page. */
export function iamPage<Element>(elements: readonly Element[], marker: string | undefined, maxItems = 100) {
  const { page, next } = pageOf(elements, marker, maxItems, 1_000);
  return { page, rest: { IsTruncated: next !== undefined, Marker: next } };
}

/** @throws AwsError when the role has no such policy. */
export function policyOf({ policies }: StoredRole, name = ""): string {
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (policy !== undefined) return policy;
  throw new AwsError("NoSuchEntityException", `The role policy with name ${name} cannot be found.`);
}
