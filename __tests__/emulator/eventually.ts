import { setTimeout as sleep } from "node:timers/promises";

const INTERVAL_MS = 250;
const LIMIT_MS = 60_000;

/** Repeats `check` until it returns true. @throws Error that names `what` after a minute. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Not within ${LIMIT_MS / 1_000} s: ${what}.`);
    await sleep(INTERVAL_MS);
  }
}
