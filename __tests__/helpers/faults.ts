import type { Socket } from "node:net";
import { type Fault, type Request, reply, type WireItem } from "@event-pipeline/testing/fake-aws";

/** Limits a fault to the first `count` requests of an operation. */
export function first(count: number, operation: Request["operation"], fault: Fault): Fault {
  let left = count;
  return (request, response, aws) => {
    if (request.operation !== operation || left === 0) return false;
    left -= 1;
    return fault(request, response, aws);
  };
}

export const always = Number.POSITIVE_INFINITY;

/** The service responds with an AWS error. */
export function error(status: number, name: string, message = `${name} injected`): Fault {
  return (_, response) => {
    reply(response, status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });
    return true;
  };
}

export const reset: Fault = (_, response) => {
  response.socket?.resetAndDestroy();
  return true;
};

/** The service reads the request and never responds. */
export const silence: Fault = () => true;

/** The service does the work, and closes the connection in the middle of the response. */
export const halfAnswerThenClose: Fault = (request, response, aws) => {
  aws.store(request.items);
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0", "content-length": "100" });
  response.write('{"Unproce', () => response.destroy());
  return true;
};

/** The service does the work, and the response stops before its end. */
export const halfAnswerThenSilence: Fault = (request, response, aws) => {
  aws.store(request.items);
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0", "content-length": "100" });
  response.write('{"Unproce');
  return true;
};

/** The response never ends: a start, then blanks as long as the client reads. `sockets` collects the connections. */
export function endless(status: number, begin: string, sockets: Socket[] = []): Fault {
  const blanks = Buffer.alloc(1_024 * 1_024, " ");
  return (_, response) => {
    if (response.socket) sockets.push(response.socket);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).write(begin);
    const more = () => {
      while (!response.destroyed && response.write(blanks));
    };
    response.on("drain", more);
    more();
    return true;
  };
}

/** The response never ends, and its bytes arrive one at a time, so that the socket is never idle. */
export const dripping: Fault = (_, response) => {
  response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).write("{");
  const timer = setInterval(() => response.write(" "), 20);
  response.once("close", () => clearInterval(timer));
  return true;
};

/** The service does nothing and responds with status 200 and a body that acknowledges nothing. */
export function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Fault {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers }).end(body);
    return true;
  };
}

/** DynamoDB stores the first `count` items of a request and leaves the others unprocessed. */
export function takeOnly(count: number): Fault {
  return ({ items, body }, response, aws) => {
    aws.store(items.slice(0, count));
    const [table = ""] = Object.keys((JSON.parse(body) as { RequestItems: object }).RequestItems);
    const left = items.slice(count).map((Item) => ({ PutRequest: { Item } }));
    reply(response, 200, { UnprocessedItems: left.length > 0 ? { [table]: left } : {} });
    return true;
  };
}

/** DynamoDB refuses every request that contains a matching item. */
export function refuse(isBad: (item: WireItem) => boolean): Fault {
  return (request, response, aws) =>
    request.items.some(isBad) && error(400, "ValidationException", "The item is bad.")(request, response, aws);
}
