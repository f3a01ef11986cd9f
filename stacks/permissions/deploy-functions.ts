import { ARNS, allow } from "@event-pipeline/event-model/resource-arns";
import { LOGS, MAPPINGS } from "./resources";

/** What a deploy does to functions, roles, logs and alarms, beyond what a plan reads. */
export const deployFunctions = [
  allow(
    "WriteFunctions",
    [
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionConcurrency",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
    ],
    ARNS.functions,
  ),
  allow("CreateMappings", ["lambda:CreateEventSourceMapping"], ["*"], {
    ArnEquals: { "lambda:FunctionArn": ARNS.functions },
  }),
  allow("WriteMappings", ["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"], MAPPINGS, {
    ArnEquals: { "lambda:FunctionArn": ARNS.functions },
  }),
  allow("TagMappings", ["lambda:TagResource", "lambda:UntagResource"], MAPPINGS),
  allow(
    "WriteRoles",
    [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePermissionsBoundary",
      "iam:DeleteRolePolicy",
      "iam:ListInstanceProfilesForRole",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
    ],
    ARNS.roles,
  ),
  allow("PassRoles", ["iam:PassRole"], ARNS.roles, {
    StringEquals: {
      "iam:PassedToService": ["firehose.amazonaws.com", "lambda.amazonaws.com", "sns.amazonaws.com"],
    },
  }),
  allow(
    "WriteLogGroups",
    [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DeleteLogGroup",
      "logs:DeleteLogStream",
      "logs:DisassociateKmsKey",
      "logs:PutRetentionPolicy",
    ],
    LOGS,
  ),
  allow("TagLogGroups", ["logs:TagResource", "logs:UntagResource"], ARNS.logGroups),
  allow(
    "WriteAlarms",
    ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"],
    [ARNS.alarms],
  ),
  allow("WriteDashboard", ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"], [ARNS.dashboard]),
  allow("WriteTracingPolicy", ["xray:DeleteResourcePolicy", "xray:PutResourcePolicy"], ["*"]),
];
