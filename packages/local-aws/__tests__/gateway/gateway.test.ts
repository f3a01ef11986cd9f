import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { STS } from "../../sts/service";
import { type Services, startServices } from "../start-services";

let services: Services;
let sts: STSClient;
beforeAll(async () => {
  services = await startServices(() => [{ definition: STS, state: undefined }]);
  sts = new STSClient({ ...services.config, maxAttempts: 1 });
});
afterAll(async () => {
  sts.destroy();
  await services.stop();
});

test("answers the action of a service in its protocol", async () => {
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  expect({ Account, Arn }).toEqual({ Account: "000000000000", Arn: "arn:aws:iam::000000000000:user/local" });
});

test("answers 501 to an action that is not supported, and names it", async () => {
  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
    name: "InvalidAction",
    message: expect.stringContaining("STS GetSessionToken"),
    $metadata: { httpStatusCode: 501 },
  });
});
