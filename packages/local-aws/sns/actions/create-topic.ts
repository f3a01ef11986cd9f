import type { CreateTopicInput, CreateTopicResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import { invalidParameter } from "../errors";
import type { Sns } from "../sns";
import { addTags } from "../tags";
import { validateTopicAttribute } from "../topic-attributes";

const NAME = /^[\w-]{1,256}$/;

export const CreateTopic: Action<CreateTopicInput, CreateTopicResponse, Sns> = {
  handles: ["Name", "Attributes", "Tags.Key", "Tags.Value"],
  differs: "creates standard topics only; stores policies, and does not enforce them; sends no traces to X-Ray",
  run({ Name = "", Attributes = {}, Tags = [] }, sns) {
    if (Attributes.FifoTopic === "true" && Name.endsWith(".fifo")) throw new NotSupported("FifoTopic true");
    if (!NAME.test(Name) || Attributes.FifoTopic === "true") {
      throw invalidParameter(
        "Topic Name Reason: expected 1 to 256 letters, digits, hyphens and underscores; and .fifo only for FIFO topics",
      );
    }
    const attributes = Object.entries(Attributes).filter(
      ([name, value]) => validateTopicAttribute(name, value, "Attributes Reason: ") && value !== "",
    );
    const tags = addTags([], Tags);
    const arn = sns.topicArn(Name);
    const existing = sns.findTopic(arn)?.stored;
    if (!existing) {
      sns.saveTopic(arn, Object.fromEntries(attributes), tags);
    } else if (attributes.some(([name, value]) => existing.attributes[name] !== value)) {
      throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
    } else if (tags.some(({ Key, Value }) => existing.tags.find((tag) => tag.Key === Key)?.Value !== Value)) {
      throw invalidParameter("Tags Reason: Topic already exists with different tags");
    }
    return { TopicArn: arn };
  },
};
