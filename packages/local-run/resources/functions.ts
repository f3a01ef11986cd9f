import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Lambda } from "@event-pipeline/local-aws/lambda/lambda";
import type { Block, SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { lastPart } from "../outputs";
import { deploymentIn, type StackUpdates } from "./stack-updates";

/**
 * Starts the functions of the event source mappings, then the mappings. Functions run from the folder that Terraform would
 * zip.
 *
 * @throws LocalRunError when a function or its archive is not in the stack, or its handler cannot be loaded.
 */
export async function startFunctions(
  stack: SynthesizedStack,
  lambda: Lambda,
  updates: StackUpdates,
  retryDelaySeconds: number,
): Promise<void> {
  const mappings = stack.ofType("aws_lambda_event_source_mapping");
  await Promise.all(mappings.map((mapping) => addFunction(mapping, stack, lambda, updates)));
  for (const mapping of mappings) {
    const responseTypes = (mapping.get("function_response_types") ?? []) as readonly string[];
    const { maximum_concurrency: maximumConcurrency } = mapping.nested("scaling_config");
    lambda.addEventSourceMapping({
      queueArn: String(mapping.get("event_source_arn")),
      functionName: String(mapping.get("function_name")),
      batchSize: Number(mapping.get("batch_size") ?? 10),
      windowSeconds: Number(mapping.get("maximum_batching_window_in_seconds") ?? 0),
      reportBatchItemFailures: responseTypes.includes("ReportBatchItemFailures"),
      maximumConcurrency: maximumConcurrency === undefined ? undefined : Number(maximumConcurrency),
      retryDelaySeconds,
    });
  }
}

async function addFunction(mapping: Block, stack: SynthesizedStack, lambda: Lambda, updates: StackUpdates) {
  const name = String(mapping.get("function_name"));
  const block = stack.ofType("aws_lambda_function").find((candidate) => candidate.get("function_name") === name);
  if (!block) throw new LocalRunError(`${mapping.address} invokes ${name}, which is not in the stack.`);
  const deployment = deploymentIn(stack, block);
  await lambda.addFunction({
    name,
    ...deployment,
    readDeployment: async () => (await updates.deploymentOf(name)) ?? deployment,
    handler: String(block.get("handler")),
    timeoutSeconds: Number(block.get("timeout") ?? 3),
    memoryMb: Number(block.get("memory_size") ?? 128),
    roleName: lastPart(block.get("role"), "/"),
    logGroup: String(block.nested("logging_config").log_group ?? `/aws/lambda/${name}`),
  });
}
