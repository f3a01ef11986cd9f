import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import { isInaccessible } from "./aws-errors";
import type { Pipeline } from "./pipeline";

/** Returns the environment variables of the event processor's function; undefined if they are not accessible. */
export async function processorEnvironment(
  pipeline: Pipeline,
  signal?: AbortSignal,
): Promise<Partial<HandlerEnvironment> | undefined> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: pipeline.processor.functionName });
  try {
    const { Environment } = await pipeline.client(LambdaClient).send(command, signal && { abortSignal: signal });
    // Lambda reports variables that it cannot decrypt as an error, and leaves Environment out if there are none.
    return Environment?.Error ? undefined : (Environment?.Variables ?? {});
  } catch (error) {
    if (isInaccessible(error)) return undefined;
    throw error;
  }
}
