import { TerraformStack, Testing } from "cdktf";
import fc from "fast-check";
import { validatePipelineOptions } from "../../stacks/options/validate-options";
import { keyPublisherStatements, sendsSourceAccount, topicPublisherStatements } from "../../stacks/publishers";
import { warnAboutOptions } from "../../stacks/synth-warnings";

const ACCESS = { accountId: "111111111111", topicArn: "arn:aws:sns:us-east-1:111111111111:t", region: "us-east-1" };

function warningsFor(services: readonly string[]): string[] {
  const stack = new TerraformStack(Testing.app(), "stack");
  warnAboutOptions(stack, validatePipelineOptions({ publisherServices: services }));
  return stack.node.metadata.map(({ data }) => String(data));
}

test.each(["events.amazonaws.com", "events.amazonaws.com.cn"])("lets %s publish without a Condition", (service) => {
  const [topic] = topicPublisherStatements({ publisherServices: [service] }, ACCESS);
  expect(topic).not.toHaveProperty("Condition");
  const [key] = keyPublisherStatements({ publisherServices: [service] }, ACCESS);
  expect(key?.Condition).toEqual({ StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": ACCESS.topicArn } });
  expect(warningsFor([service])).toEqual([]);
});

test("warns about an unknown service", () => {
  const [warning, ...others] = warningsFor(["s3.amazonaws.com", "glacier.amazonaws.com", "events.amazonaws.com"]);
  expect(warning).toMatch(/publisherServices .*glacier\.amazonaws\.com/);
  expect(others).toEqual([]);
});

test("requires aws:SourceAccount from every service that sends it", () => {
  const service = fc.constantFrom("s3", "events", "ses", "glacier", "events.rds");
  fc.assert(
    fc.property(
      fc.uniqueArray(
        service.map((name) => `${name}.amazonaws.com`),
        { minLength: 1 },
      ),
      (services) => {
        for (const statements of [topicPublisherStatements, keyPublisherStatements]) {
          const made = statements({ publisherServices: services }, ACCESS);
          const asked = new Map(
            made.flatMap(({ Principal, Condition }) =>
              [(Principal as { Service: string[] }).Service]
                .flat()
                .map((name) => [name, Condition?.StringEquals?.["aws:SourceAccount"] === ACCESS.accountId]),
            ),
          );
          expect(made.flatMap(({ Principal }) => (Principal as { Service: string[] }).Service)).toHaveLength(
            services.length,
          );
          expect(asked).toEqual(new Map(services.map((name) => [name, sendsSourceAccount(name)])));
          expect(sendsSourceAccount("events.amazonaws.com")).toBe(false);
        }
      },
    ),
  );
});

test("allows both of SNS's service names in China", () => {
  const [statement] = keyPublisherStatements(
    { publisherAccounts: ["222222222222"] },
    { ...ACCESS, region: "cn-north-1" },
  );
  expect(statement?.Condition).toEqual({
    StringEquals: { "kms:ViaService": ["sns.cn-north-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"] },
  });
});
