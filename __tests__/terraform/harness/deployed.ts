import { GetSubscriptionAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Policy } from "@event-pipeline/iam-policy/policy";
import type { Resource, State } from "./plan";

const REGION = "us-east-1";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" } as const;

/** Applied resources as moto returns them; a state file only repeats what was sent. */
export class Deployed {
  private readonly resources: readonly Resource[];

  constructor(
    state: State,
    private readonly endpoint: string,
  ) {
    this.resources = state.values?.root_module.resources ?? [];
  }

  /** An attribute that names a resource in AWS, such as its ARN. */
  text(address: string, attribute: string): string {
    const value = this.resource(address).values[attribute];
    if (typeof value === "string") return value;
    throw new Error(`${address}.${attribute} is ${JSON.stringify(value)} in the applied state, not a text.`);
  }

  ofType(type: string): readonly Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  async queuePolicies(queue: string): Promise<Policy[]> {
    const client = new SQSClient({ endpoint: this.endpoint, region: REGION, credentials: CREDENTIALS });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: this.text(queue, "url"), AttributeNames: ["Policy"] }),
    );
    return Attributes?.Policy === undefined ? [] : [JSON.parse(Attributes.Policy) as Policy];
  }

  async subscription(address: string): Promise<Readonly<Record<string, string>>> {
    const client = new SNSClient({ endpoint: this.endpoint, region: REGION, credentials: CREDENTIALS });
    const { Attributes } = await client.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: this.text(address, "arn") }),
    );
    return Attributes ?? {};
  }

  /** Returns the principals that may assume the role. */
  async trust(role: string): Promise<Policy[]> {
    const xml = await this.iam({ Action: "GetRole", RoleName: this.text(role, "name") });
    return policiesIn(xml, "AssumeRolePolicyDocument");
  }

  /** Returns every inline policy of the role in moto. */
  async rolePolicies(role: string): Promise<Policy[]> {
    const RoleName = this.text(role, "name");
    const names = elements(await this.iam({ Action: "ListRolePolicies", RoleName }), "member");
    const answers = await Promise.all(
      names.map((PolicyName) => this.iam({ Action: "GetRolePolicy", RoleName, PolicyName })),
    );
    return answers.flatMap((xml) => policiesIn(xml, "PolicyDocument"));
  }

  private resource(address: string): Resource {
    const found = this.resources.find((resource) => resource.address === address);
    if (found) return found;
    const known = this.resources.map((resource) => resource.address).join(", ");
    throw new Error(`${address} is not in the applied state, which has: ${known}`);
  }

  /** Calls IAM without the SDK: moto reads only the service's name from the signature. */
  private async iam(parameters: Readonly<Record<string, string>>): Promise<string> {
    const response = await fetch(this.endpoint, {
      method: "POST",
      headers: {
        Authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/${REGION}/iam/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: new URLSearchParams({ Version: "2010-05-08", ...parameters }),
      signal: AbortSignal.timeout(30_000),
    });
    const xml = await response.text();
    if (!response.ok) throw new Error(`IAM ${parameters.Action} answered ${response.status}: ${xml}`);
    return xml;
  }
}

function policiesIn(xml: string, element: string): Policy[] {
  return elements(xml, element).map((text) => JSON.parse(decodeURIComponent(text)) as Policy);
}

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => text.trim());
}
