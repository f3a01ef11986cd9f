import { styleText } from "node:util";
import { type TextStyle, terminalColumns } from "@event-pipeline/node-process/standard-output";

/** What text is written to, and how much of it fits. */
export interface Terminal {
  write(text: string): void;
  /** Columns that lines are folded to; undefined leaves them whole. */
  columns(): number | undefined;
  /** The text in a colour, or as it is where there are none. */
  paint(style: TextStyle, text: string): string;
}

/**
 * Standard output through `write`. A pipe or a file gets whole lines, for those
 * are searched, and no colours; `NO_COLOR` and `FORCE_COLOR` decide otherwise.
 */
export function standardOutput(write: (text: string) => void): Terminal {
  return {
    write,
    columns: terminalColumns,
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
  };
}
