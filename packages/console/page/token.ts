const KEY = "event-pipeline-token";

/**
 * The token of the URL that was printed. It leaves the address at once, which
 * is copied and shown to others, and stays in this tab through a reload.
 */
export function takeToken(): string | undefined {
  const shown = new URLSearchParams(location.hash.slice(1)).get("token");
  if (shown === null) return sessionStorage.getItem(KEY) ?? undefined;
  sessionStorage.setItem(KEY, shown);
  history.replaceState(null, "", location.pathname + location.search);
  return shown;
}
