import type { Command } from "commander";
import type { CreateAction } from "../action";
import { addList } from "./list";
import { addShow } from "./show";
import { addTail } from "./tail";
import { addTypes } from "./types";

export function addEvents(program: Command, action: CreateAction): void {
  const events = program.command("events").description("Follow, list and find events");
  addList(events, action);
  addTypes(events, action);
  addTail(events, action);
  addShow(events, action);
}
