import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { pinned } from "../terraform-address";

export interface EventTopicProps {
  readonly topicName: string;
  /** The person or team who answers for the pipeline; becomes the tag `Owner`. */
  readonly owner: string;
}

/** Where agents publish: every subscriber gets every event. */
export class EventTopic extends Construct {
  readonly topic: SnsTopic;

  constructor(scope: Construct, id: string, props: EventTopicProps) {
    super(scope, id);
    this.topic = pinned(
      new SnsTopic(this, "topic", {
        name: props.topicName,
        tags: { Project: "onboarding", Owner: props.owner },
      }),
      "events",
    );
  }
}
