import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";

const IDLE_MS = 30_000;

beforeEach(() =>
  jest.useFakeTimers({ now: 0, doNotFake: ["nextTick", "queueMicrotask", "setImmediate", "setTimeout"] }),
);
afterEach(() => jest.useRealTimers());

test("ends an unfinished request when no more of it arrives, and not before", async () => {
  const server = await listenOnLoopback(0);
  const requests: IncomingMessage[] = [];
  server.serve((request) => requests.push(request.resume()));
  const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
  socket.write("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n");
  while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [request] = requests as [IncomingMessage];
  for (const part of ["a", "b", "c"]) {
    const received = once(request, "data");
    socket.write(part);
    await received;
    jest.advanceTimersByTime(IDLE_MS);
    expect(request.destroyed).toBe(false);
  }
  const closed = once(socket, "close");
  jest.advanceTimersByTime(IDLE_MS);
  await closed;
  await server.stop();
});
