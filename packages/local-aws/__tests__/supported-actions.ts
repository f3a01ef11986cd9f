import type { AnyDefinition } from "../gateway/service";

/** Runs a test for each supported action. The tests must cover exactly the service's supported actions. */
export function testSupportedActions(
  service: AnyDefinition,
  tests: Readonly<Record<string, () => Promise<void>>>,
): void {
  test(`every supported ${service.name} action has a test`, () => {
    expect(Object.keys(tests).sort()).toEqual(Object.keys(service.actions).sort());
  });
  test.each(Object.keys(tests))(`${service.name} %s`, async (action) => tests[action]?.());
}
