import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListKeysCommand,
  PutKeyPolicyCommand,
} from "@aws-sdk/client-kms";
import { MACHINE_CLOCK } from "../../clock";
import { Kms } from "../../kms/kms";
import { KMS } from "../../kms/service";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";
import { testSupportedActions } from "../supported-actions";

let services: Services;
let client: KMSClient;

beforeAll(async () => {
  const storage = new MemoryStorage();
  const delivery = { shuffled: false, seed: 0 };
  const create = (endpoint: string) => {
    const host = { endpoint, region: "us-east-1", clock: MACHINE_CLOCK, storage, observer: {}, delivery };
    return [{ definition: KMS, state: new Kms(host) }];
  };
  services = await startServices(create, { storage });
  client = new KMSClient({ ...services.config, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await services.stop();
});

async function create(Policy?: string) {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: "a key", Policy }));
  return KeyMetadata ?? { KeyId: "" };
}

const NOT_FOUND = { name: "NotFoundException" };

testSupportedActions(KMS, {
  CreateKey: async () => {
    const key = await create();
    expect(key).toMatchObject({ Description: "a key", KeyState: "Enabled", KeySpec: "SYMMETRIC_DEFAULT" });
    await expect(create("no")).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    const other = client.send(new CreateKeyCommand({ KeySpec: "RSA_2048" }));
    await expect(other).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  },
  DescribeKey: async () => {
    const { KeyId, Arn, CreationDate, CurrentKeyMaterialId } = await create();
    for (const id of [KeyId, String(Arn)]) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: id }));
      expect(KeyMetadata).toMatchObject({ KeyId, Arn, CreationDate, CurrentKeyMaterialId });
      expect(CurrentKeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
    }
    for (const id of ["alias/none", "none"]) {
      await expect(client.send(new DescribeKeyCommand({ KeyId: id }))).rejects.toMatchObject(NOT_FOUND);
    }
  },
  GetKeyPolicy: async () => {
    const { KeyId } = await create();
    const { Policy, PolicyName } = await client.send(new GetKeyPolicyCommand({ KeyId }));
    expect([JSON.parse(String(Policy)).Statement, PolicyName]).toEqual([
      [expect.objectContaining({ Principal: { AWS: "arn:aws:iam::000000000000:root" } })],
      "default",
    ]);
    const other = client.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "other" }));
    await expect(other).rejects.toMatchObject(NOT_FOUND);
  },
  PutKeyPolicy: async () => {
    const { KeyId } = await create();
    const Policy = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}';
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    expect((await client.send(new GetKeyPolicyCommand({ KeyId }))).Policy).toBe(Policy);
  },
  ListKeys: async () => {
    const { KeyId, Arn } = await create();
    const { Keys, Truncated } = await client.send(new ListKeysCommand({}));
    expect([Keys, Truncated]).toEqual([expect.arrayContaining([{ KeyId, KeyArn: Arn }]), false]);
    const { NextMarker: Marker, Keys: first = [] } = await client.send(new ListKeysCommand({ Limit: 1 }));
    expect([...first, ...((await client.send(new ListKeysCommand({ Marker }))).Keys ?? [])]).toEqual(Keys);
  },
});

test("encrypts nothing", async () => {
  const { KeyId } = await create();
  const command = new EncryptCommand({ KeyId, Plaintext: Buffer.from("secret") });
  await expect(client.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
});
