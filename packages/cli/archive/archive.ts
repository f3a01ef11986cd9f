import type { Command } from "commander";
import { addGet } from "./get";
import { addList } from "./list";
import { addReplay } from "./replay";

export function addArchive(program: Command): void {
  const archive = program.command("archive").description("read the raw events in S3, and send them to the queue again");
  addList(archive);
  addGet(archive);
  addReplay(archive);
}
