import { styleText } from "node:util";

/** A format of `util.styleText`. */
export type Style = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

/** What text is written to, and how much of it fits. */
export interface Terminal {
  write(text: string): void;
  /** Columns that lines are folded to; undefined leaves them whole. */
  columns(): number | undefined;
  /** The text in a colour, or as it is where there are none. */
  paint(style: Style, text: string): string;
}

/** What a terminal is taken for that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/**
 * Standard output through `write`. A pipe or a file gets whole lines, for those
 * are searched, and no colours; `NO_COLOR` and `FORCE_COLOR` decide otherwise.
 */
export function standardOutput(write: (text: string) => void): Terminal {
  const stream = process.stdout;
  return {
    write,
    // Asked each time: a window is made wider and narrower.
    columns: () => (stream.isTTY ? stream.columns || DEFAULT_COLUMNS : undefined),
    paint: (style, text) => styleText(style, text, { stream }),
  };
}
