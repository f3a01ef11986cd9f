import type { IncomingMessage } from "node:http";

/** Methods and paths of Lambda actions, so that errors can name an action. */
const ACTIONS: readonly (readonly [method: string, path: RegExp, action: string])[] = [
  ["POST", /^\/2015-03-31\/functions\/[^/]+\/invocations$/, "Invoke"],
  ["POST", /^\/2014-11-13\/functions\/[^/]+\/invoke-async$/, "InvokeAsync"],
  ["POST", /^\/2021-11-15\/functions\/[^/]+\/response-streaming-invocations$/, "InvokeWithResponseStream"],
  ["GET", /^\/2015-03-31\/functions$/, "ListFunctions"],
  ["POST", /^\/2015-03-31\/functions$/, "CreateFunction"],
  ["GET", /^\/2015-03-31\/functions\/[^/]+$/, "GetFunction"],
  ["DELETE", /^\/2015-03-31\/functions\/[^/]+$/, "DeleteFunction"],
  ["PUT", /^\/2015-03-31\/functions\/[^/]+\/code$/, "UpdateFunctionCode"],
  ["GET", /^\/2015-03-31\/functions\/[^/]+\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /^\/2015-03-31\/functions\/[^/]+\/configuration$/, "UpdateFunctionConfiguration"],
  ["GET", /^\/2015-03-31\/functions\/[^/]+\/versions$/, "ListVersionsByFunction"],
  ["GET", /^\/2020-06-30\/functions\/[^/]+\/code-signing-config$/, "GetFunctionCodeSigningConfig"],
  ["GET", /^\/2019-09-30\/functions\/[^/]+\/concurrency$/, "GetFunctionConcurrency"],
  ["PUT", /^\/2017-10-31\/functions\/[^/]+\/concurrency$/, "PutFunctionConcurrency"],
  ["DELETE", /^\/2017-10-31\/functions\/[^/]+\/concurrency$/, "DeleteFunctionConcurrency"],
  ["GET", /^\/2015-03-31\/event-source-mappings$/, "ListEventSourceMappings"],
  ["POST", /^\/2015-03-31\/event-source-mappings$/, "CreateEventSourceMapping"],
  ["GET", /^\/2015-03-31\/event-source-mappings\/[^/]+$/, "GetEventSourceMapping"],
  ["PUT", /^\/2015-03-31\/event-source-mappings\/[^/]+$/, "UpdateEventSourceMapping"],
  ["DELETE", /^\/2015-03-31\/event-source-mappings\/[^/]+$/, "DeleteEventSourceMapping"],
  ["GET", /^\/2017-03-31\/tags\/[^/]+$/, "ListTags"],
  ["POST", /^\/2017-03-31\/tags\/[^/]+$/, "TagResource"],
  ["DELETE", /^\/2017-03-31\/tags\/[^/]+$/, "UntagResource"],
];

/** Returns a request's action; for an action that is not listed above, its method and path. */
export function lambdaAction({ method = "", url = "" }: IncomingMessage): string {
  const path = (url.split("?")[0] ?? "").replace(/\/$/, "");
  return ACTIONS.find(([itsMethod, pattern]) => itsMethod === method && pattern.test(path))?.[2] ?? `${method} ${path}`;
}
