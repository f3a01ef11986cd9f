import type { UpdateTimeToLiveInput, UpdateTimeToLiveOutput } from "@aws-sdk/client-dynamodb";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import type { Dynamodb } from "../dynamodb";
import { validateRequest } from "../request-rules";

const TYPES = {
  TableName: "String",
  TimeToLiveSpecification: { type: "FieldStruct", children: { AttributeName: "String", Enabled: "Boolean" } },
};

const MAX_NAME_LENGTH = 255;

export const UpdateTimeToLive: Action<UpdateTimeToLiveInput, UpdateTimeToLiveOutput, Dynamodb> = {
  handles: ["TableName", "TimeToLiveSpecification.AttributeName", "TimeToLiveSpecification.Enabled"],
  differs: "takes effect at once; expired items are deleted once an hour",
  async run(request, dynamodb) {
    validateRequest(request, TYPES);
    const { TableName, TimeToLiveSpecification } = request as Partial<UpdateTimeToLiveInput>;
    // Validates the table's name.
    await dynamodb.run("DescribeTable", { TableName });
    const { AttributeName, Enabled } = Object(TimeToLiveSpecification) as { AttributeName: unknown; Enabled: unknown };
    if (typeof Enabled !== "boolean") throw invalid("TimeToLiveSpecification.Enabled must be true or false");
    if (typeof AttributeName !== "string" || AttributeName === "" || AttributeName.length > MAX_NAME_LENGTH) {
      throw invalid(`TimeToLiveSpecification.AttributeName must be a string of 1 to ${MAX_NAME_LENGTH} characters`);
    }
    const { timeToLive } = dynamodb;
    const table = String(TableName);
    const current = timeToLive.attributeOf(table);
    if (Enabled === (current !== undefined)) throw invalid(`TimeToLive is already ${Enabled ? "enabled" : "disabled"}`);
    if (Enabled) timeToLive.enable(table, AttributeName);
    else if (current === AttributeName) timeToLive.forget(table);
    else throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
    return { TimeToLiveSpecification: { AttributeName, Enabled } };
  },
};

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
