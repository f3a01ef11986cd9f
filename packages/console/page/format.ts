const two = (value: number) => String(value).padStart(2, "0");

/** Formats the local time of day with milliseconds: `09:05:03.120`. */
export function formatTimeOfDay(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  return `${perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))}/s`;
}

export function formatBytes(value: number | undefined): string {
  if (value === undefined) return "–";
  if (value < 1_024) return `${value} B`;
  return value < 1_024 * 1_024 ? `${(value / 1_024).toFixed(1)} KiB` : `${(value / 1_024 / 1_024).toFixed(1)} MiB`;
}

export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Formats the time from `at` to `now`: `3 min ago`. */
export function formatTimeAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3_600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3_600)} h ago`;
}

/** Returns the name of another subscriber without the pipeline's name: `alerts`. */
export function subscriberName(part: string, pipelineName = ""): string {
  return part.startsWith(`${pipelineName}-`) ? part.slice(pipelineName.length + 1) : part;
}
