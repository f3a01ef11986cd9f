import { adaptTo } from "../helpers/terraform/adapt";
import { MOTO_LACKS, replaceIn } from "../helpers/terraform/replacements";
import type { StackFile } from "../helpers/terraform/stack-file";

const HASH = "aGFzaA==";
const ZIPS = { handler: { output_path: "handler.zip", output_base64sha256: HASH } } as const;

const STACK: StackFile = {
  terraform: {
    required_providers: {
      archive: { source: "hashicorp/archive", version: "2.7.1" },
      aws: { source: "aws", version: "6.25.0" },
    },
  },
  provider: { archive: [{}], aws: [{ region: "us-east-1" }] },
  data: { archive_file: { handler: { type: "zip", source_dir: "../dist", output_path: "handler.zip" } } },
  resource: {
    aws_lambda_function: {
      handler: {
        runtime: "nodejs24.x",
        filename: reference("data.archive_file.handler.output_path"),
        source_code_hash: reference("data.archive_file.handler.output_base64sha256"),
        environment: { variables: { TABLE_NAME: reference("aws_dynamodb_table.events.name") } },
      },
    },
  },
};

describe("adapting the stack to the providers at hand", () => {
  test("changes nothing when they are those that the stack asks for", () => {
    const { stack, changes } = adaptTo({ versions: { aws: "6.25.0", archive: "2.7.1" }, zips: {} }, STACK);
    expect(stack).toEqual(STACK);
    expect(changes).toEqual([]);
  });

  test("takes an older AWS provider and zips of its own, and names each change", () => {
    const { stack, changes } = adaptTo({ versions: { aws: "5.100.0" }, zips: ZIPS }, STACK);
    expect(stack).toEqual({
      terraform: { required_providers: { aws: { source: "aws", version: "5.100.0" } } },
      provider: { aws: [{ region: "us-east-1" }] },
      resource: {
        aws_lambda_function: {
          handler: {
            runtime: "nodejs22.x",
            filename: "handler.zip",
            source_code_hash: HASH,
            environment: { variables: { TABLE_NAME: reference("aws_dynamodb_table.events.name") } },
          },
        },
      },
    });
    expect(changes).toEqual([
      "provider aws: version 6.25.0 → 5.100.0",
      "provider archive: left out, no copy of it was found",
      "data.archive_file.handler: a zip of ../dist",
      "aws_lambda_function.handler.runtime: nodejs24.x → nodejs22.x; AWS providers before 6.19.0 do not know it",
    ]);
  });

  test("keeps the runtime for a provider that knows it", () => {
    const { stack } = adaptTo({ versions: { aws: "6.19.0", archive: "2.7.1" }, zips: {} }, STACK);
    expect(stack.resource).toEqual(STACK.resource);
  });

  test("keeps other data sources when it leaves archives out", () => {
    const data = { ...STACK.data, aws_caller_identity: { current: {} } };
    const { stack } = adaptTo({ versions: { aws: "6.25.0" }, zips: ZIPS }, { ...STACK, data });
    expect(stack.data).toEqual({ aws_caller_identity: { current: {} } });
  });

  test("does not change the stack that it is given", () => {
    const before = structuredClone(STACK);
    adaptTo({ versions: { aws: "5.100.0" }, zips: ZIPS }, STACK);
    expect(STACK).toEqual(before);
  });

  test("refuses an attribute of an archive that it has no stand-in for", () => {
    const output = { aws_s3_object: { zip: { etag: reference("data.archive_file.handler.output_md5") } } };
    const adapt = () => adaptTo({ versions: { aws: "5.100.0" }, zips: ZIPS }, { ...STACK, resource: output });
    expect(adapt).toThrow(/handler\.output_md5.*known are output_path, output_base64sha256/);
  });
});

describe("leaving out what moto lacks", () => {
  test("takes an argument off a resource, and a whole resource off the stack", () => {
    const { stack, changes } = replaceIn(
      {
        resource: {
          aws_sqs_queue: { events_dlq: { name: "dlq", redrive_allow_policy: "{}" } },
          aws_sqs_queue_redrive_allow_policy: { events_dlq: { queue_url: "url" } },
        },
      },
      MOTO_LACKS,
    );
    expect(stack.resource).toEqual({ aws_sqs_queue: { events_dlq: { name: "dlq" } } });
    expect(changes).toEqual([
      expect.stringMatching(/^aws_sqs_queue\.events_dlq\.redrive_allow_policy: left out; moto/),
      expect.stringMatching(/^aws_sqs_queue_redrive_allow_policy\.events_dlq: left out; moto/),
    ]);
  });
});

function reference(expression: string): string {
  return `\${${expression}}`;
}
