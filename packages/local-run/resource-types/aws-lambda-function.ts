import { arnOf, type ResourceType } from "./resource-type";

/** Run by lambda/lambda-function.ts. */
export const awsLambdaFunction: ResourceType = {
  computed: (block, context) => ({ arn: arnOf("lambda", `function:${block.get("function_name")}`, context) }),
};
