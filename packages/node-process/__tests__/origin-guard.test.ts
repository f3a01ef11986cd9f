import fc from "fast-check";
import { originGuard } from "../origin-guard";

const reason = (headers: Readonly<Record<string, string>>) => originGuard(headers, { server: "the local run" });

test.each(["127.0.0.1", "[::1]:4566", "localhost:1", "LOCALHOST", "my-bucket.localhost:65535"])(
  "accepts the Host %s, and pages from that host",
  (host) => {
    expect(reason({ host })).toBeUndefined();
    expect(reason({ host, origin: `http://${host}` })).toBeUndefined();
  },
);

test("rejects names that only look like loopback names", () => {
  const local = fc.constantFrom("localhost", "127.0.0.1", "[::1]");
  const lookAlike = fc.oneof(
    fc.webAuthority(),
    fc.domain(),
    fc.tuple(local, fc.domain()).map((parts) => parts.join(".")),
    fc.tuple(fc.domain(), local).map((parts) => parts.join("@")),
    fc
      .tuple(local, fc.constantFrom("/", "?", "#", "\\", "@", "%", ".", " ", "\t", "。"))
      .map((parts) => parts.join("")),
    fc.constantFrom("127.1", "0x7f.1", "2130706433", "127.0.0.1.", "localhost.", "[::ffff:7f00:1]", "ⓛocalhost", "::1"),
  );
  fc.assert(
    fc.property(lookAlike, (host) => {
      fc.pre(!/^(127\.0\.0\.1|\[::1\]|([\w-]+\.)*localhost)(:\d+)?$/i.test(host));
      expect(reason({ host })).toContain(`"${host}"`);
      expect(reason({ host: "localhost", origin: `http://${host}` })).toContain(`"http://${host}"`);
    }),
    { numRuns: 2_000 },
  );
});

test("rejects links and images on another site, which send no Origin", () => {
  expect(reason({ host: "localhost", "sec-fetch-site": "cross-site" })).toContain("cross-origin");
  expect(reason({ host: "localhost", "sec-fetch-site": "same-origin" })).toBeUndefined();
  expect(reason({ host: "localhost", "sec-fetch-site": "none" })).toBeUndefined();
});

test("rejects pages of other servers on this machine if sameOriginOnly is true", () => {
  const strict = (headers: object) =>
    originGuard({ host: "127.0.0.1:80", ...headers }, { server: "this page", sameOriginOnly: true });
  expect(strict({ origin: "http://127.0.0.1:80", "sec-fetch-site": "same-origin" })).toBeUndefined();
  expect(strict({ origin: "http://127.0.0.1:81" })).toContain('"http://127.0.0.1:81"');
  expect(strict({ "sec-fetch-site": "same-site" })).toContain("cross-origin");
  expect(strict({ "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate" })).toBeUndefined();
});
