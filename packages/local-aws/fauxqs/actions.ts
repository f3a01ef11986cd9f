import { snsActions, snsRouter } from "../sns/sns-actions";
import type { SubscriptionDeliveryProps } from "../sns/subscription-delivery";
import { remove, removeBatch } from "../sqs/delete-messages";
import type { MessageMoveTasks } from "../sqs/message-move-tasks";
import { attributes, create, list, listSources } from "../sqs/queue-actions";
import { receive } from "../sqs/receive-message";
import { send, sendBatch } from "../sqs/send-messages";
import { SqsRouter } from "./parts";

type Hook = (...[request, reply]: Parameters<SqsRouter["handle"]>) => Promise<unknown>;

/** The part of fauxqs's Fastify that is used here. */
interface App {
  addHook(name: "preHandler", hook: Hook): unknown;
}

export interface FauxqsActionsProps extends SubscriptionDeliveryProps {
  readonly moveTasks: MessageMoveTasks;
}

/** Answers, ahead of fauxqs, the actions that it has not or does otherwise than AWS. To be called before the app is ready. */
export function addActions(app: App, props: FauxqsActionsProps): void {
  const { moveTasks } = props;
  const sqs = new SqsRouter(props.sqs);
  const sqsActions = {
    CancelMessageMoveTask: (input: object) => moveTasks.cancel(input),
    CreateQueue: create,
    DeleteMessage: remove,
    DeleteMessageBatch: removeBatch,
    GetQueueAttributes: attributes,
    ListDeadLetterSourceQueues: listSources,
    ListMessageMoveTasks: (input: object) => moveTasks.list(input),
    ListQueues: list,
    ReceiveMessage: receive,
    SendMessage: send,
    SendMessageBatch: sendBatch,
    StartMessageMoveTask: (input: object) => moveTasks.start(input),
  };
  for (const [action, handler] of Object.entries(sqsActions)) sqs.register(action, handler);

  const ofSns = snsActions(props);
  const sns = snsRouter(props.sns, props.sqs, ofSns);

  app.addHook("preHandler", async (request, reply) => {
    if (request.method !== "POST" || request.routeOptions.url !== "/") return;
    const contentType = request.headers["content-type"] ?? "";
    const target = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
    if (contentType.includes("application/x-amz-json-1.0") && Object.hasOwn(sqsActions, target)) {
      return reply.send(await sqs.handle(request, reply));
    }
    const { Action } = Object(request.body) as { Action?: unknown };
    if (contentType.includes("application/x-www-form-urlencoded") && Object.hasOwn(ofSns, String(Action))) {
      return reply.send(await sns.handle(request, reply));
    }
  });
}
