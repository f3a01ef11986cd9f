import { render } from "preact";
import { App } from "./app";
import { PageState } from "./page-state";

const TOKEN_KEY = "event-pipeline-token";

/**
 * Returns the token of the printed URL. Removes the token from the address bar,
 * because people share URLs, and keeps it in the tab's session storage for reloads.
 */
function takeToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

const state = new PageState(takeToken());
const root = document.getElementById("app") as HTMLElement;
root.replaceChildren();
state.start(() => render(<App state={state} />, root));
