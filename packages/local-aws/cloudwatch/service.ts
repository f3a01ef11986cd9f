import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { GetMetricData } from "./actions/get-metric-data";
import { ListMetrics } from "./actions/list-metrics";
import { PutMetricData } from "./actions/put-metric-data";
import type { CloudWatch } from "./cloudwatch";

export const CLOUDWATCH: ServiceDefinition<CloudWatch> = {
  name: "CloudWatch",
  schemas: schemasOf("cloudwatch"),
  signingName: "monitoring",
  protocols: ["json", "query", "cbor"],
  targetPrefix: "GraniteServiceVersion20100801",
  queryVersion: "2010-08-01",
  xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
  maxBodyBytes: 1024 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ kind, message }) =>
    new AwsError(kind === "missing" ? "MissingRequiredParameterException" : "InvalidParameterValueException", message),
  actions: { GetMetricData, ListMetrics, PutMetricData },
};
