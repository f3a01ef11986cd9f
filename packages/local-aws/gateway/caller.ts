import { ACCOUNT_ID, CREDENTIALS } from "../account";

/** The sender of a request. */
export interface Caller {
  readonly accessKeyId: string;
  readonly arn: string;
  /** Unique identifier of the user, or of the role and its session. */
  readonly userId: string;
  /** True for the local run and its functions. Their requests are accepted while the run starts and stops. */
  readonly internal: boolean;
}

const LOCAL_USER: Caller = {
  accessKeyId: CREDENTIALS.accessKeyId,
  arn: `arn:aws:iam::${ACCOUNT_ID}:user/local`,
  userId: "AIDALOCAL",
  internal: false,
};

/**
 * Knows callers by the access key of their signature. Signatures are not verified: on this machine, anyone who knows an access
 * key may use it.
 */
export class Callers {
  private readonly byKey = new Map<string, Caller>([[LOCAL_USER.accessKeyId, LOCAL_USER]]);

  /** Adds the access key of a role's session, such as that of a function. */
  addRole(accessKeyId: string, roleName: string, sessionName: string): void {
    const arn = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${roleName}/${sessionName}`;
    this.byKey.set(accessKeyId, { accessKeyId, arn, userId: `AROALOCAL:${sessionName}`, internal: true });
  }

  /** Returns who uses an access key. An unknown or absent key belongs to a user of its name. */
  find(accessKeyId: string | undefined): Caller {
    if (accessKeyId === undefined) return { ...LOCAL_USER, accessKeyId: "", arn: "*", userId: "ANONYMOUS" };
    return this.byKey.get(accessKeyId) ?? { ...LOCAL_USER, accessKeyId };
  }
}
