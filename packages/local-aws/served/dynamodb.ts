import type { ServedService } from "./served-service";

export const DYNAMODB: ServedService = {
  name: "DynamoDB",
  signingName: "dynamodb",
  protocol: "json",
  targetPrefix: "DynamoDB_20120810",
  actions: {
    BatchGetItem: "",
    BatchWriteItem: "",
    CreateTable: "takes keys, indexes, billing mode and throughput",
    DeleteItem: "",
    DeleteTable: "",
    DescribeTable: "",
    DescribeTimeToLive: "what the stack says; nothing expires",
    GetItem: "",
    ListTables: "",
    ListTagsOfResource: "",
    PutItem: "",
    Query: "",
    Scan: "",
    TagResource: "",
    UntagResource: "",
    UpdateItem: "",
    UpdateTable: "takes billing mode and throughput",
  },
};
