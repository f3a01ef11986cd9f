import type { GetQueueUrlRequest, GetQueueUrlResult } from "@aws-sdk/client-sqs";
import { ACCOUNT_ID } from "../../account";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import type { Sqs } from "../sqs";

export const GetQueueUrl: Action<GetQueueUrlRequest, GetQueueUrlResult, Sqs> = {
  handles: ["QueueName", "QueueOwnerAWSAccountId"],
  run({ QueueName = "", QueueOwnerAWSAccountId: account = ACCOUNT_ID }, sqs) {
    if (account !== ACCOUNT_ID) throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
    return { QueueUrl: sqs.queueNamed(QueueName).url };
  },
};
