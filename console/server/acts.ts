import { SQSClient } from "@aws-sdk/client-sqs";
import { NO_CODE } from "../../operations/dlq/letter";
import { UsageError } from "../../operations/errors";
import type { Pipeline } from "../../operations/pipeline";
import { tooLarge } from "../../operations/publish/sources";
import type {
  DeadLetter,
  DeadLetters,
  PublishAnswer,
  PublishRequest,
  RedriveAnswer,
  RedriveRequest,
  SampleEvent,
} from "../api";
