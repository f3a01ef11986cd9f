import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runCli } from "@event-pipeline/testing/run-cli";

afterEach(() => jest.useRealTimers());

test("names a request that gets no response for 15 s", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  const item = { event_type: { S: "x" }, timestamp_id: { S: "2026-01-02T03:04:05.000Z#1" }, data: { M: {} } };
  let respond = () => undefined as unknown;
  const requested = new Promise<void>((resolve) => {
    const server = createServer((_, response) => {
      respond = () => {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ Items: [item] }));
        server.close();
        server.closeIdleConnections();
      };
      resolve();
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      ran = runCli(["events", "list", "--type", "x", "--local", "--endpoint-url", `http://127.0.0.1:${port}`]);
    });
  });
  let ran: ReturnType<typeof runCli> | undefined;
  await requested;
  await jest.advanceTimersByTimeAsync(16_000);
  respond();
  expect(await ran).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("No response to DynamoDB Query for local-events for 15 s."),
  });
});
