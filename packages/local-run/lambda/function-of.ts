import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { Block, StackJson } from "@event-pipeline/terraform-json/stack-json";
import { LambdaFunction, logGroupNameOf, taskRootOf } from "./lambda-function";

export interface FunctionSurroundings {
  readonly stack: StackJson;
  readonly aws: LocalAws;
  /** Called for each line that a handler writes. */
  readonly onLog: (functionName: string, line: string) => void;
}

/**
 * The function that an `aws_lambda_event_source_mapping` invokes.
 *
 * @throws LocalRunError when the stack has no such function, or nothing that makes its code.
 */
export function functionOf(mapping: Block, { stack, aws, onLog }: FunctionSurroundings): LambdaFunction {
  const name = String(mapping.get("function_name"));
  const block = stack.ofType("aws_lambda_function").find((candidate) => candidate.get("function_name") === name);
  if (!block) throw new LocalRunError(`${mapping.address} invokes ${name}, which the stack does not have.`);
  const file = block.get("filename");
  const archive = stack.ofType("archive_file").find((candidate) => candidate.get("output_path") === file);
  if (!archive) throw new LocalRunError(`${block.address} runs ${file}, which no archive_file makes.`);
  const logGroup = aws.logs.create(logGroupNameOf(block));
  return new LambdaFunction({
    block,
    taskRoot: taskRootOf(stack.folder, archive),
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: aws.insiders,
    onLine: (line) => {
      logGroup.put(line);
      onLog(name, line);
    },
  });
}

/** @throws LocalRunError when the handler cannot be loaded. */
export async function warmUp(fn: LambdaFunction): Promise<void> {
  await fn.warmUp().catch((cause: Error) => {
    throw new LocalRunError(`The handler of ${fn.name} cannot be loaded: ${cause.message}`, { cause });
  });
}
