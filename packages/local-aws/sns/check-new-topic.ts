import { type Form, textMapOf } from "./form";
import { invalid } from "./message";

/** What a topic keeps here: of these, SNS's archive and its policies for personal data are missing. */
const ATTRIBUTES = [
  "ContentBasedDeduplication",
  "DeliveryPolicy",
  "DisplayName",
  "FifoThroughputScope",
  "FifoTopic",
  "KmsMasterKeyId",
  "Policy",
  "SignatureVersion",
  "TracingConfig",
];

/**
 * Refuses a topic that SNS would refuse, and one that would not be here what it is there.
 *
 * @throws SnsError InvalidParameter.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
export function checkNewTopic(form: Form): void {
  const unknown = Object.keys(textMapOf(form, "Attributes")).find((name) => !ATTRIBUTES.includes(name));
  if (unknown !== undefined) {
    throw invalid(`Attributes Reason: the local run has no ${unknown} for topics. It has ${ATTRIBUTES.join(", ")}`);
  }
  if (form.DataProtectionPolicy !== undefined) {
    throw invalid("DataProtectionPolicy: the local run protects no data. Leave it out");
  }
}
