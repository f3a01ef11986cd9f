import { withoutArchives } from "./archives";
import type { StackFile } from "./stack-file";

const HASH = "aGFzaA==";
const ZIPS = { handler: { output_path: "handler.zip", output_base64sha256: HASH } } as const;
const archive = { source: "hashicorp/archive", version: "2.7.1" };
const aws = { source: "aws", version: "6.25.0" };

const STACK: StackFile = {
  terraform: { required_providers: { archive, aws } },
  provider: { archive: [{}], aws: [{ region: "us-east-1" }] },
  data: { archive_file: { handler: { type: "zip", source_dir: "../dist", output_path: "handler.zip" } } },
  resource: {
    aws_lambda_function: {
      handler: {
        runtime: "nodejs24.x",
        filename: "${data.archive_file.handler.output_path}",
        source_code_hash: "${data.archive_file.handler.output_base64sha256}",
        environment: { variables: { TABLE_NAME: "${aws_dynamodb_table.events.name}" } },
      },
    },
  },
};

describe("a stack without the archive provider", () => {
  test("has the values of the data sources, and no other change", () => {
    const before = structuredClone(STACK);
    expect(withoutArchives(STACK, ZIPS)).toEqual({
      terraform: { required_providers: { aws } },
      provider: { aws: [{ region: "us-east-1" }] },
      resource: {
        aws_lambda_function: {
          handler: {
            runtime: "nodejs24.x",
            filename: "handler.zip",
            source_code_hash: HASH,
            environment: { variables: { TABLE_NAME: "${aws_dynamodb_table.events.name}" } },
          },
        },
      },
    });
    expect(STACK).toEqual(before);
  });

  test("keeps other data sources", () => {
    const data = { ...STACK.data, aws_caller_identity: { current: {} } };
    expect(withoutArchives({ ...STACK, data }, ZIPS).data).toEqual({ aws_caller_identity: { current: {} } });
  });

  test("throws for an attribute without a substitute", () => {
    const resource = { aws_s3_object: { zip: { etag: "${data.archive_file.handler.output_md5}" } } };
    expect(() => withoutArchives({ ...STACK, resource }, ZIPS)).toThrow(
      /handler\.output_md5.*known are output_path, output_base64sha256/,
    );
  });
});
