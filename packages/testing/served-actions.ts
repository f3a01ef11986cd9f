import type { ServedService } from "@event-pipeline/local-aws/served/served-service";

/**
 * A test for every action that the list says is answered, and for no other:
 * one that is listed without a test fails here.
 */
export function testServed(service: ServedService, tests: Readonly<Record<string, () => Promise<void>>>): void {
  test(`every action of ${service.name} on the list has its test here`, () => {
    expect(Object.keys(tests).sort()).toEqual(Object.keys(service.actions).sort());
  });
  test.each(Object.keys(tests))(`${service.name} %s`, async (action) => tests[action]?.());
}
