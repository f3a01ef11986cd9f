import { rmSync } from "node:fs";
import { testRoot } from "./workspace";

export default function tearDown(): void {
  rmSync(testRoot(), { recursive: true, force: true });
}
