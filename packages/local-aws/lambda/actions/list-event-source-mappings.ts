import type {
  EventSourceMappingConfiguration,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
} from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { pageOf } from "../../page";
import type { EventSourceMapping } from "../event-source-mapping";
import { type Lambda, MAX_ITEMS } from "../lambda";

export const ListEventSourceMappings: Action<ListEventSourceMappingsRequest, ListEventSourceMappingsResponse, Lambda> =
  {
    handles: ["EventSourceArn", "FunctionName", "Marker", "MaxItems"],
    run({ EventSourceArn, FunctionName, Marker, MaxItems = MAX_ITEMS }, lambda) {
      const fn = FunctionName === undefined ? undefined : lambda.find(FunctionName);
      const found = lambda.mappings.filter(
        (mapping) =>
          (fn === undefined || mapping.fn === fn) &&
          (EventSourceArn === undefined || mapping.options.queueArn === EventSourceArn),
      );
      const { page, next } = pageOf(found, Marker, Math.min(MaxItems, MAX_ITEMS));
      return { EventSourceMappings: page.map(mappingConfiguration), NextMarker: next };
    },
  };

function mappingConfiguration({
  uuid,
  lastModified,
  options,
  fn,
}: EventSourceMapping): EventSourceMappingConfiguration {
  const { queueArn, batchSize, windowSeconds, reportBatchItemFailures, maximumConcurrency } = options;
  return {
    UUID: uuid,
    EventSourceArn: queueArn,
    FunctionArn: fn.arn,
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: windowSeconds,
    FunctionResponseTypes: reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    State: "Enabled",
    StateTransitionReason: "USER_INITIATED",
    LastModified: lastModified,
  };
}
