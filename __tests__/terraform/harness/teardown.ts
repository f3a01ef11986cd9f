import { rmSync } from "node:fs";
import { testRoot } from "./test-root";

export default function tearDown(): void {
  rmSync(testRoot(), { recursive: true, force: true });
}
