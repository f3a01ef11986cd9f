import type { ListEventSourceMappingsRequest, ListEventSourceMappingsResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { mappingConfiguration } from "../configuration";
import type { Lambda } from "../lambda";
import { pageOf } from "../page";

export const ListEventSourceMappings: Action<ListEventSourceMappingsRequest, ListEventSourceMappingsResponse, Lambda> =
  {
    handles: ["EventSourceArn", "FunctionName", "Marker", "MaxItems"],
    run({ EventSourceArn, FunctionName, Marker, MaxItems }, lambda) {
      const fn = FunctionName === undefined ? undefined : lambda.find(FunctionName);
      const found = lambda.mappings.filter(
        (mapping) =>
          (fn === undefined || mapping.fn === fn) &&
          (EventSourceArn === undefined || mapping.options.queueArn === EventSourceArn),
      );
      const { page, ...next } = pageOf(found, Marker, MaxItems);
      return { EventSourceMappings: page.map(mappingConfiguration), ...next };
    },
  };
