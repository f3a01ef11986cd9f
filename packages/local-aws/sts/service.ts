import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { GetCallerIdentity } from "./actions/get-caller-identity";

export const STS: ServiceDefinition<undefined> = {
  name: "STS",
  schemas: schemasOf("sts"),
  signingName: "sts",
  protocols: ["query"],
  queryVersion: "2011-06-15",
  xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  maxBodyBytes: 64 * 1024,
  unparsableCode: "MalformedQueryString",
  invalidInput: ({ message }) => new AwsError("ValidationError", message),
  actions: { GetCallerIdentity },
};
