import fc from "fast-check";
import { ServerSentEvents } from "../../page/server-sent-events";

const messages = fc.array(
  fc.record({
    event: fc.constantFrom("hello", "update"),
    data: fc.json({ maxDepth: 2 }).filter((text) => !/[\r\n]/.test(text)),
    id: fc.stringMatching(/^[\w.-]{1,20}$/),
  }),
  { minLength: 1, maxLength: 6 },
);

test("parses the same messages for any chunk size", () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 40 }), (sent, size) => {
      const text = sent.map(({ event, data, id }) => `event: ${event}\ndata: ${data}\nid: ${id}\n\n`).join("");
      const reader = new ServerSentEvents();
      const read = [];
      for (let at = 0; at < text.length; at += size) read.push(...reader.push(text.slice(at, at + size)));
      expect(read).toEqual(sent);
    }),
  );
});
