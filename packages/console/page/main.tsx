import { render } from "preact";
import { App } from "./app";
import { Session } from "./session";
import { takeToken } from "./token";

const session = new Session(takeToken());
const root = document.getElementById("app");
if (!root) throw new Error("index.html has no place for the page.");
root.replaceChildren();
render(<App session={session} />, root);
session.start();
