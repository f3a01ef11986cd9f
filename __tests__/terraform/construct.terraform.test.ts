import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { EventPipeline } from "../../stacks/event-pipeline";
import { handlerBundle } from "../../stacks/handler-bundle";
import { testRoot } from "./harness/test-root";
import { validateStack } from "./harness/validate";

test("Terraform accepts two pipelines of one stack, and every option that adds a block", async () => {
  const app = new App({ outdir: mkdtempSync(join(testRoot(), "construct-")) });
  const stack = new TerraformStack(app, "stack");
  const region = "eu-central-1";
  new AwsProvider(stack, "aws", { region });
  new ArchiveProvider(stack, "archive");
  new EventPipeline(stack, "orders", { name: "orders", region });
  const bills = new EventPipeline(stack, "bills", {
    name: "bills",
    region,
    kmsKey: "create",
    encryptLogs: true,
    eventIdIndex: true,
    deliveryStatusLogging: true,
    tracing: true,
    alarmEmail: "ops@example.com",
    maxConcurrency: 10,
    filterPolicy: { severity: ["high"] },
    archiveExpiryDays: 400,
    publisherServices: ["s3.amazonaws.com"],
  });
  bills.addQueueSubscriber("alerts", { handlerPath: handlerBundle("alert-log"), maxReceiveCount: 5 });
  app.synth();
  await expect(validateStack(join(app.outdir, "stacks", "stack"))).resolves.toBeUndefined();
}, 120_000);
