import { ListTagsForResourceCommand, SNSClient } from "@aws-sdk/client-sns";
import { LOCAL_RUN_TAGS } from "@event-pipeline/event-model/local-run-tags";
import type { Pipeline } from "../pipeline";
import { ifAccessible } from "./access";

/** A local run, as its topic's tags describe it. */
export interface LocalRun {
  readonly stackFolder: string;
  /** The folder in which the command works. */
  readonly folder: string;
  readonly command: string;
}

/** Returns the local run that has the topic; undefined if the topic is on AWS, or is not of a local run. */
export async function localRunOf(
  pipeline: Pipeline,
  topicArn: string,
  signal: AbortSignal,
): Promise<LocalRun | undefined> {
  if (pipeline.connection.endpoint === undefined) return undefined;
  const request = new ListTagsForResourceCommand({ ResourceArn: topicArn });
  const found = await ifAccessible(() => pipeline.client(SNSClient).send(request, { abortSignal: signal }));
  const tagOf = (key: string) => found?.Tags?.find((tag) => tag.Key === key)?.Value;
  const { stackFolder, folder, command } = LOCAL_RUN_TAGS;
  const [stack, project, start] = [tagOf(stackFolder), tagOf(folder), tagOf(command)];
  if (stack === undefined || project === undefined || start === undefined) return undefined;
  return { stackFolder: stack, folder: project, command: start };
}
