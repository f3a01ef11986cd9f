import type { Command } from "commander";
import { addList } from "./list";
import { addShow } from "./show";
import { addTail } from "./tail";
import { addTypes } from "./types";

export function addEvents(program: Command): void {
  const events = program.command("events").description("follow, list and explain events");
  addList(events);
  addTypes(events);
  addTail(events);
  addShow(events);
}
