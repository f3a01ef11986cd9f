import type { Tag } from "@aws-sdk/client-sns";
import { AwsError } from "../protocols/aws-error";
import { invalidParameter } from "./errors";
import type { Sns } from "./sns";
import type { Topic } from "./topic";

const MAX_TAGS = 50;

/**
 * Returns the tags of a topic after some were added.
 *
 * @throws AwsError for invalid tags, and for more than 50.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html
 */
export function addTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const keys = added.map(({ Key = "" }) => Key);
  if (new Set(keys).size < keys.length) throw invalidParameter("Duplicated keys are not allowed.");
  const wrong = added.find(({ Key = "", Value = "" }) => !/^(?!aws:).{1,128}$/isu.test(Key) || Value.length > 256);
  if (wrong) {
    throw invalidParameter(
      `Tags Reason: expected keys of 1 to 128 characters that do not begin with aws:, and values of at most 256 characters, not ${JSON.stringify(wrong)}`,
    );
  }
  const all = [...tags.filter(({ Key = "" }) => !keys.includes(Key)), ...added];
  if (all.length <= MAX_TAGS) return all;
  throw new AwsError(
    "TagLimitExceededException",
    `The topic would have ${all.length} tags, but the limit is ${MAX_TAGS}.`,
  );
}

/** @throws AwsError when there is no such topic. */
export function taggedTopic(sns: Sns, arn: string | undefined): Topic {
  const topic = sns.findTopic(arn ?? "");
  if (!topic) throw new AwsError("ResourceNotFoundException", `Resource does not exist: ${arn}`);
  return topic;
}
