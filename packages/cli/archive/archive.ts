import type { Command } from "commander";
import type { CreateAction } from "../action";
import { addGet } from "./get";
import { addList } from "./list";
import { addReplay } from "./replay";

export function addArchive(program: Command, action: CreateAction): void {
  const archive = program.command("archive").description("Read the archived events in S3, and replay them");
  addList(archive, action);
  addGet(archive, action);
  addReplay(archive, action);
}
