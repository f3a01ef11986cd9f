import fc from "fast-check";
import { checkedVerdict, compiles, event, pair } from "./generated-contracts";
import { loosened } from "./loosened-contracts";

const events = fc.array(event, { minLength: 50, maxLength: 50 });

test("no event disproves compatible, and each breaking change has an event that proves it", () => {
  fc.assert(
    fc.property(pair, events, fc.boolean(), ([before, after], tried, isMapped) => {
      fc.pre(compiles(before, after));
      checkedVerdict([before, after], tried, isMapped);
    }),
    { numRuns: 1_000 },
  );
}, 900_000);

test("a loosened contract is compatible", () => {
  fc.assert(
    fc.property(loosened, events, fc.boolean(), ([tight, loose], tried, isMapped) => {
      expect(["compatible", "unchanged"]).toContain(checkedVerdict([tight, loose], tried, isMapped));
      checkedVerdict([loose, tight], tried, isMapped);
    }),
    { numRuns: 400 },
  );
}, 900_000);
