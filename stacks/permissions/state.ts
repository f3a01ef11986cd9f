import { allow } from "@event-pipeline/event-model/resource-arns";

/** As `stateBucket` has it; STATE_BUCKET and {stage} stand for its name and the stage's. */
const STATE = "arn:aws:s3:::STATE_BUCKET/event-pipeline/{name}/{stage}/terraform.tfstate";

/** What a plan reads, and the lock that it holds meanwhile. */
export const planState = [
  allow("FindState", ["s3:ListBucket"], ["arn:aws:s3:::STATE_BUCKET"]),
  allow("ReadState", ["s3:GetObject"], [STATE]),
  allow("LockState", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [`${STATE}.tflock`]),
];

/** What a deploy writes. */
export const deployState = [allow("WriteState", ["s3:PutObject"], [STATE])];
