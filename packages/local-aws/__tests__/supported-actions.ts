import type { SupportedService } from "../supported-actions";

/** Checks that every supported action has a test, and that no other action has one. */
export function testSupportedActions(
  service: SupportedService,
  tests: Readonly<Record<string, () => Promise<void>>>,
): void {
  test(`every supported action of ${service.name} has a test here`, () => {
    expect(Object.keys(tests).sort()).toEqual(Object.keys(service.actions).sort());
  });
  test.each(Object.keys(tests))(`${service.name} %s`, async (action) => tests[action]?.());
}
