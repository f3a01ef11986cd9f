import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { GetFunction } from "./actions/get-function";
import { GetFunctionConfiguration } from "./actions/get-function-configuration";
import { Invoke, MAX_PAYLOAD_BYTES } from "./actions/invoke";
import { ListEventSourceMappings } from "./actions/list-event-source-mappings";
import { ListFunctions } from "./actions/list-functions";
import { ListVersionsByFunction } from "./actions/list-versions-by-function";
import type { Lambda } from "./lambda";

export const LAMBDA: ServiceDefinition<Lambda> = {
  name: "Lambda",
  schemas: schemasOf("lambda"),
  signingName: "lambda",
  protocols: ["rest-json"],
  maxBodyBytes: MAX_PAYLOAD_BYTES,
  unparsableCode: "InvalidRequestContentException",
  tooLargeCode: "RequestTooLargeException",
  invalidInput: ({ message }) => new AwsError("InvalidParameterValueException", message),
  actions: {
    GetFunction,
    GetFunctionConfiguration,
    Invoke,
    ListEventSourceMappings,
    ListFunctions,
    ListVersionsByFunction,
  },
};
