import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { NotDeployedError } from "../../errors";
import { nameIn, type ResourceCheck, type Setting } from "../resource-check";

export const lambdaFunction: ResourceCheck = {
  name: ({ function_name: name }) => String(name),
  settings: async (config, pipeline) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: String(config.function_name) });
    const found = await pipeline.client(LambdaClient).send(command);
    const variables = (config.environment as { variables?: Record<string, string> } | undefined)?.variables ?? {};
    const settings: Setting[] = [
      { name: "Runtime", expected: config.runtime, actual: found.Runtime },
      { name: "Timeout", expected: config.timeout, actual: found.Timeout },
      { name: "MemorySize", expected: config.memory_size, actual: found.MemorySize },
      { name: "Handler", expected: config.handler, actual: found.Handler },
      ...Object.entries(variables).map(([name, expected]) => ({
        name: `environment ${name}`,
        expected,
        // A queue's URL ends with its name, to which the stack's reference is resolved.
        actual: nameIn(found.Environment?.Variables?.[name]) ?? "none",
      })),
    ];
    return settings.filter(({ expected }) => expected !== undefined);
  },
};

export const eventSourceMapping: ResourceCheck = {
  name: ({ function_name: name }) => String(name),
  settings: async (config, pipeline) => {
    const FunctionName = String(config.function_name);
    const command = new ListEventSourceMappingsCommand({ FunctionName });
    const { EventSourceMappings = [] } = await pipeline.client(LambdaClient).send(command);
    const queue = String(config.event_source_arn);
    const found = EventSourceMappings.find(({ EventSourceArn }) => nameIn(EventSourceArn) === queue);
    if (!found)
      throw new NotDeployedError(`${FunctionName} has no event source mapping for ${queue}. Events wait in the queue.`);
    return [
      {
        name: "State",
        expected: "Enabled",
        actual: found.State,
        fix: `aws lambda update-event-source-mapping --enabled --uuid ${found.UUID}. Without it, events wait in ${queue}.`,
      },
      { name: "BatchSize", expected: config.batch_size, actual: found.BatchSize },
      {
        name: "MaximumBatchingWindowInSeconds",
        expected: config.maximum_batching_window_in_seconds,
        actual: found.MaximumBatchingWindowInSeconds ?? 0,
      },
      {
        name: "FunctionResponseTypes",
        expected: config.function_response_types,
        actual: found.FunctionResponseTypes ?? [],
        fix: "npm run deploy, then event-pipeline reconcile: without this setting, Lambda deletes events that the handler reports as failed.",
      },
    ];
  },
};
