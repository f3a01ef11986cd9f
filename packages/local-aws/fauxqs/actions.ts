import { snsActions, snsRouter } from "../sns/sns-actions";
import type { SubscriptionDeliveryProps } from "../sns/subscription-delivery";
import { deleteMessage, deleteMessageBatch } from "../sqs/delete-messages";
import type { MessageMoveTasks } from "../sqs/message-move-tasks";
import { createQueue, getQueueAttributes, listDeadLetterSourceQueues, listQueues } from "../sqs/queue-actions";
import { receiveMessage } from "../sqs/receive-message";
import { sendMessage, sendMessageBatch } from "../sqs/send-messages";
import type { FauxqsApp } from "./fastify";
import { SqsRouter } from "./parts";

export interface FauxqsActionsProps extends SubscriptionDeliveryProps {
  readonly moveTasks: MessageMoveTasks;
}

/** Replaces the actions of SNS and SQS that fauxqs lacks or that differ from AWS. Call it before the app is ready. */
export function addActions(app: FauxqsApp, props: FauxqsActionsProps): void {
  const { moveTasks } = props;
  const sqs = new SqsRouter(props.sqs);
  const sqsActions = {
    CancelMessageMoveTask: (input: object) => moveTasks.cancel(input),
    CreateQueue: createQueue,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: deleteMessageBatch,
    GetQueueAttributes: getQueueAttributes,
    ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
    ListMessageMoveTasks: (input: object) => moveTasks.list(input),
    ListQueues: listQueues,
    ReceiveMessage: receiveMessage,
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    StartMessageMoveTask: (input: object) => moveTasks.start(input),
  };
  for (const [action, handler] of Object.entries(sqsActions)) sqs.register(action, handler);

  const ofSns = snsActions(props);
  const sns = snsRouter(props.sns, props.sqs, ofSns);

  app.addHook("preHandler", async (request, reply) => {
    if (request.raw.method !== "POST" || request.routeOptions.url !== "/") return;
    const contentType = request.headers["content-type"] ?? "";
    const routed = [request, reply] as unknown as Parameters<SqsRouter["handle"]>;
    const target = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
    if (contentType.includes("application/x-amz-json-1.0") && Object.hasOwn(sqsActions, target)) {
      return reply.send(await sqs.handle(...routed));
    }
    const { Action } = Object(request.body) as { Action?: unknown };
    if (contentType.includes("application/x-www-form-urlencoded") && Object.hasOwn(ofSns, String(Action))) {
      return reply.send(await sns.handle(...routed));
    }
  });
}
