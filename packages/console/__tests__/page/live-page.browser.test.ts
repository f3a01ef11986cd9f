// Tests the page in Chromium, with a local run.
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PublishCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { AxeBuilder } from "@axe-core/playwright";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { Publisher } from "@event-pipeline/testing/publisher";
import { stageWith } from "@event-pipeline/testing/synthesized";
import type { Locator, Page } from "playwright-core";
import { Browser } from "./browser";

let browser: Browser;
let run: LocalRun;
let page: Page;

beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  // The tests count dead letters.
  run = await LocalRun.start("--delivery", "ordered");
  page = await browser.newPage();
  await page.goto(pageUrl());
  await page.getByRole("status").getByText("Live").waitFor();
});
afterEach(async () => {
  await page.close();
  await run.stop();
});

const pageUrl = () => String(run.ready.page);
const rows = (): Locator => page.locator(".rows .row");
const rowOf = (text: string): Locator => rows().filter({ hasText: text });
const dialog = (name: string): Locator => page.getByRole("dialog", { name });
const pill = (row: Locator, name: string): Locator => row.getByRole("img", { name });

async function publish(Message: string): Promise<string> {
  const { MessageId } = await run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));
  return String(MessageId);
}

async function send(message: string): Promise<void> {
  await page.getByRole("button", { name: "Send event" }).click();
  await dialog("Send event").getByLabel("Message").fill(message);
  await dialog("Send event").getByRole("button", { name: "Send", exact: true }).click();
  await dialog("Send event").getByText("Sent as").waitFor();
  await page.keyboard.press("Escape");
}

const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");

/** Expects no error in the browser console and no request to another server. */
function expectClean(): void {
  expect(browser.errors).toEqual([]);
  const { origin } = new URL(pageUrl());
  expect(browser.requests.filter((url) => !url.startsWith(origin))).toEqual([]);
}

async function expectAccessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  expect(violations.map(({ id, impact, nodes }) => ({ id, impact, at: nodes.map(({ html }) => html) }))).toEqual([]);
}

/** Expects that no stage label of the list is hidden or cut. */
async function expectReadableStages(): Promise<void> {
  const cut = await page
    .locator(".pill-name")
    .evaluateAll((all) =>
      all
        .filter(({ clientWidth, scrollWidth }) => clientWidth === 0 || scrollWidth > clientWidth)
        .map((one) => one.textContent),
    );
  expect(cut).toEqual([]);
}

beforeEach(() => {
  browser.requests.length = 0;
  browser.errors.length = 0;
});

/** Returns the text of the element with the focus. */
const focusedText = () => page.locator(":focus").innerText();

test("shows a sample event at each stage, and sends an edited copy", async () => {
  await page.getByRole("button", { name: "Send event" }).click();
  await dialog("Send event").getByRole("button", { name: "scan.started" }).click();
  await dialog("Send event").getByRole("button", { name: "Send", exact: true }).click();
  await dialog("Send event").getByRole("button", { name: "Show trace" }).click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.getByText("Archived", { exact: true }).waitFor({ timeout: 15_000 });
  expect(await drawer.locator(".hop-name").allInnerTexts()).toEqual(
    expect.arrayContaining(["Published", "Queued", "Processed attempt 1", "Stored", "Archived"]),
  );
  expect(await drawer.locator("pre").first().innerText()).toContain('"specversion": "1.0"');
  const pills = rowOf("scan.started").getByRole("img");
  expect(await pills.evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel))).toEqual([
    "queue done",
    "function done",
    "table done",
    "archive done",
  ]);
  await page.getByRole("button", { name: /^Table since \d\d:\d\d 1 stored/ }).waitFor();
  await drawer.getByText('"timestamp_id"').waitFor();
  await drawer.getByRole("button", { name: "Copy all" }).click();
  expect(JSON.parse(await clipboard())).toMatchObject({ row: { type: "scan.started" }, hops: expect.any(Array) });
  await drawer.getByRole("button", { name: "Edit and resend" }).click();
  await dialog("Send event").getByLabel("Message").fill('{"type":"scan.again"}');
  await dialog("Send event").getByRole("button", { name: "Send", exact: true }).click();
  await dialog("Send event").getByText("Sent as").waitFor();
  await page.keyboard.press("Escape");
  await rowOf("scan.again").waitFor();
  expectClean();
});

test("shows dead letters with their reasons, and redrives one, the selected ones or all", async () => {
  for (const message of ["poison 1", "poison 2", "[]"]) await send(message);
  await rowOf("NOT_AN_OBJECT").waitFor();
  await page.getByRole("button", { name: "Open the dead-letter queue" }).click();
  const letters = dialog("Dead-letter queue");
  const received = run.hops("queued").length;
  const redriven = async (count: number) => {
    await letters.getByText(/\d+ redriven/).waitFor();
    await letters.locator(".outcome .bad", { hasText: "dead letters again" }).waitFor();
    await run.until(() => run.hops("queued").length >= received + count);
    await letters.getByRole("button", { name: "Refresh" }).waitFor();
  };
  const peek = () => letters.getByRole("button", { name: /^(View messages|Refresh)$/ }).click();
  await peek();
  await letters.getByRole("heading", { name: /NOT_JSON 2/ }).waitFor();
  await letters.getByRole("heading", { name: /NOT_AN_OBJECT 1/ }).waitFor();
  await letters
    .getByRole("button", { name: /^Redrive / })
    .filter({ hasNotText: "group" })
    .first()
    .click();
  await redriven(1);
  await eventually(async () => {
    await peek();
    await letters.getByRole("heading", { name: /NOT_JSON 2/ }).waitFor({ timeout: 2_000 });
  });
  await letters.getByRole("checkbox", { name: /NOT_AN_OBJECT/ }).check();
  await letters.getByRole("button", { name: "Redrive selected (1)" }).click();
  await redriven(2);
  await eventually(async () => {
    await peek();
    await letters.getByRole("heading", { name: /NOT_AN_OBJECT 1/ }).waitFor({ timeout: 2_000 });
  });
  await letters.getByRole("button", { name: "Redrive all" }).click();
  await redriven(5);
  await page.keyboard.press("Escape");
  await rowOf("NOT_AN_OBJECT").click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.locator(".hop-reason").first().waitFor();
  expect(await drawer.locator(".hop-dead-lettered").count()).toBeGreaterThanOrEqual(2);
  expect(await drawer.locator(".hop-reason").first().innerText()).toContain("object");
  expectClean();
});

/** Retries up to five times, because a redriven message returns to the dead-letter queue after a while. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

test("keeps the filter in the URL across a reload", async () => {
  await publish('{"type":"scan.done","id":"scan-1"}');
  await publish('{"type":"finding.new","title":"Needle"}');
  await publish("poison");
  await rowOf("NOT_JSON").waitFor();
  await page.getByLabel("Type").fill("finding");
  await rowOf("scan.done").waitFor({ state: "detached" });
  expect(await rows().count()).toBe(1);
  await page.getByRole("button", { name: /^Table/ }).click();
  expect(new URL(page.url()).search).toBe("?type=finding&status=stored");
  await page.reload();
  await rowOf("finding.new").waitFor();
  expect(await page.getByLabel("Type").inputValue()).toBe("finding");
  expect(await page.getByLabel("Status").inputValue()).toBe("stored");
  expect(await rows().count()).toBe(1);
  await page.getByRole("button", { name: "Copy command", disabled: false }).waitFor();
  await page.goBack();
  await page.goBack();
  expect(new URL(page.url()).search).toBe("");
  await rowOf("scan.done").waitFor();
  const copy = page.getByRole("button", { name: "Copy command", disabled: true });
  expect(await copy.getAttribute("title")).toContain("No command");
  await page.goForward();
  await rowOf("scan.done").waitFor({ state: "detached" });
  expect(await page.getByLabel("Type").inputValue()).toBe("finding");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByLabel("Text").fill("needle");
  await rowOf("scan.done").waitFor({ state: "detached" });
  expect(await rows().count()).toBe(1);
  await page.getByLabel("Text").fill("");
  await page.getByRole("button", { name: /^Dead letters/ }).click();
  await rowOf("scan.done").waitFor({ state: "detached" });
  expect(await rows().count()).toBe(1);
  await page.getByRole("button", { name: "Copy command" }).click();
  expect(await clipboard()).toMatch(/^npx event-pipeline dlq list --local --endpoint-url http:\/\/127\.0\.0\.1:\d+/);
});

test("renders the content of an event as text", async () => {
  const attack = "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">";
  const messageId = await publish(JSON.stringify({ type: attack, id: attack, title: attack }));
  await publish(attack);
  await rowOf("NOT_JSON").waitFor();
  await rowOf("onerror").first().click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.getByText(messageId).first().waitFor();
  expect(await drawer.locator("h2").innerText()).toBe(attack);
  await drawer.locator("pre", { hasText: "<script>" }).first().waitFor();
  await page.getByLabel("Type").fill(attack);
  await page.getByRole("button", { name: "Open the dead-letter queue" }).click();
  await dialog("Dead-letter queue").getByRole("button", { name: "View messages" }).click();
  await dialog("Dead-letter queue")
    .getByText(/not JSON/)
    .waitFor();
  expect(await page.locator("#app script, #app img[src='x']").count()).toBe(0);
  expect(await page.title()).toBe("local · event-pipeline");
  expectClean();
});

test("keeps the list small and in order while 10,000 events arrive", async () => {
  const publishers = ["a", "b", "c"].map((name) => new Publisher(name, run.ready.endpoint, run.output("topic_arn")));
  const acknowledged = () => publishers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  try {
    for (let tries = 0; acknowledged() < 10_200 && tries < 2_000; tries += 1) await sleep(20);
  } finally {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
  }
  const published = acknowledged();
  const all = new RegExp(`^Table since \\d\\d:\\d\\d ${published.toLocaleString("en-US")} stored`);
  await page.getByRole("button", { name: all }).waitFor({ timeout: 60_000 });
  await page.getByText("10,000 events", { exact: true }).waitFor();
  expect(await rows().count()).toBeLessThan(60);
  expect(await page.locator("*").count()).toBeLessThan(2_500);
  const shown = await rows().evaluateAll((all) => all.map(({ id }) => Number(id.slice("row-".length))));
  expect(shown).toEqual([...shown].sort((one, other) => other - one));
  expect(shown[0]).toBe(published);
  const missing = `${(published - 10_000).toLocaleString("en-US")} older events are no longer in this list`;
  await page.getByText(missing).waitFor();
  const later = await browser.newPage();
  await later.goto(pageUrl());
  await later.getByText("10,000 events", { exact: true }).waitFor();
  await later.getByRole("button", { name: all }).waitFor();
  expect(await later.getByText("no longer in this list").count()).toBe(0);
  await later.close();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText(missing).waitFor({ state: "detached" });
  const grid = page.getByRole("grid");
  await grid.evaluate((element) => element.scrollTo({ top: element.scrollHeight / 2 }));
  await page.locator('.rows .row[aria-rowindex="5005"]').waitFor();
  await publish('{"type":"one.more"}');
  await page.getByText("1 new").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await rowOf("one.more").waitFor();
  expectClean();
}, 180_000);

test("puts the open event into the URL, and closes it when the user goes back", async () => {
  const [one, two] = [await publish('{"type":"one"}'), await publish('{"type":"two"}')];
  const drawer = page.getByRole("complementary", { name: "Event" });
  const heading = (name: string) => drawer.getByRole("heading", { name, exact: true });
  const search = () => new URL(page.url()).search;
  const closed = () => drawer.waitFor({ state: "detached" });
  await rowOf("one").click();
  await heading("one").waitFor();
  expect(search()).toBe(`?event=${one}`);
  await rowOf("two").click();
  await heading("two").waitFor();
  await page.goBack();
  await closed();
  expect(search()).toBe("");
  await page.goForward();
  await heading("two").waitFor();
  await page.reload();
  await heading("two").waitFor();
  await page.getByRole("button", { name: "Close the event" }).click();
  await closed();
  await page.waitForURL(pageUrl());
  await page.getByLabel("Type").fill("o");
  await rowOf("one").click();
  await heading("one").waitFor();
  expect(search()).toBe(`?type=o&event=${one}`);
  await page.keyboard.press("Escape");
  await closed();
  await page.waitForURL(`${pageUrl()}?type=o`);
  await page.goBack();
  await page.waitForURL(pageUrl());
  await page.goBack();
  expect(page.url()).toBe("about:blank");
  await page.goto(`${pageUrl()}?event=${two}`);
  await heading("two").waitFor();
  await page.keyboard.press("Escape");
  await closed();
  expect(search()).toBe("");
  expectClean();
  await page.goto(`${pageUrl()}?event=it%27s-gone`);
  await drawer.getByText("not in the list").waitFor();
  await drawer.getByRole("button", { name: "Copy command" }).click();
  expect(await clipboard()).toContain("events show 'it'\\''s-gone' --local");
});

test("shows in one page what another page redrives and what is purged", async () => {
  const other = await browser.newPage();
  await other.goto(pageUrl());
  const messageId = await publish("[]");
  await other.locator(".rows .row", { hasText: "NOT_AN_OBJECT" }).click();
  await other.locator(".hop-dead-lettered").waitFor();
  await page.getByRole("button", { name: "Open the dead-letter queue" }).click();
  await page.keyboard.press("Enter");
  await dialog("Dead-letter queue").getByText("published", { exact: false }).waitFor();
  await dialog("Dead-letter queue").getByRole("button", { name: "Redrive all" }).click();
  await other.locator(".hop-dead-lettered").nth(1).waitFor();
  await page.keyboard.press("Escape");
  await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: run.output("dlq_url") }));
  await other.locator(".drawer .title").getByText("Purged · NOT_AN_OBJECT").waitFor();
  expect(await other.getByRole("button", { name: "Redrive" }).count()).toBe(0);
  await page.getByLabel("Status").selectOption("purged");
  await rowOf(messageId).waitFor();
  await page.getByLabel("Status").selectOption("dead");
  await rowOf(messageId).waitFor({ state: "detached" });
  await other.close();
});

test("shows each event's time, and covers and moves no row, at any width", async () => {
  for (let index = 0; index < 40; index += 1) await publish(JSON.stringify({ type: `type-${index}` }));
  await rowOf("type-39").waitFor();
  const grid = page.getByRole("grid");
  for (const [width, isOpen] of [
    [1_440, false],
    [1_024, true],
    [390, false],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    if (isOpen) await rows().first().click();
    for (const time of await page.locator(".rows .cell-time").allInnerTexts()) {
      expect(time).toMatch(width === 1_440 ? /^\d\d:\d\d:\d\d\.\d{3}$/ : /^\d\d:\d\d:\d\d$/);
    }
    const place = await grid.boundingBox();
    await grid.evaluate((element) => element.scrollTo({ top: 300 }));
    await publish('{"type":"new"}');
    await page.getByText("1 new").waitFor();
    expect(await grid.boundingBox()).toEqual(place);
    const covered = await grid.evaluate((element) => {
      const { top, bottom, left, width } = element.getBoundingClientRect();
      const head = element.querySelector(".head")?.clientHeight ?? 0;
      const heights = Array.from(
        { length: 20 },
        (_, index) => top + head + ((bottom - top - head) * (index + 0.5)) / 20,
      );
      return heights.filter((y) => !element.ownerDocument.elementFromPoint(left + width / 2, y)?.closest(".rows"));
    });
    expect(covered).toEqual([]);
    await page.getByRole("button", { name: "Resume" }).click();
    await rowOf("new").first().waitFor();
    if (isOpen) await page.goBack();
  }
});

test("gives a dead letter's reason the width of a small screen", async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await publish("poison");
  await rowOf("NOT_JSON").waitFor();
  await page.getByRole("button", { name: "Open the dead-letter queue" }).click();
  await dialog("Dead-letter queue").getByRole("button", { name: "View messages" }).click();
  const reason = await dialog("Dead-letter queue").locator(".letter .bad").boundingBox();
  expect(reason?.width).toBeGreaterThan(300);
});

test("keeps the rows while paused, counts new events, and shows them on resume", async () => {
  await publish('{"type":"before"}');
  await rowOf("before").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await publish('{"type":"meanwhile"}');
  await publish('{"type":"meanwhile"}');
  await page.getByText("2 new").waitFor();
  expect(await rows().count()).toBe(1);
  await page.getByRole("button", { name: "Resume" }).click();
  await rowOf("meanwhile").first().waitFor();
  expect(await rows().count()).toBe(3);
});

test("works with the keyboard alone", async () => {
  for (const type of ["one", "two", "three"]) await publish(JSON.stringify({ type }));
  await rowOf("three").waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.getByRole("heading", { name: "two" }).waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  // The page returns the focus after it has closed the drawer.
  await page.locator('[role="grid"]:focus, [role="grid"] :focus').waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await drawer.getByRole("heading", { name: "one" }).waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
});

test("has shortcuts, which neither act while the user types nor replace the browser's", async () => {
  const help = dialog("Keyboard shortcuts");
  await page.getByRole("grid").focus();
  await page.keyboard.press("?");
  await help.waitFor();
  await page.keyboard.press("n");
  expect(await dialog("Send event").count()).toBe(0);
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  await page.locator('[role="grid"]:focus').waitFor();
  await page.keyboard.press("Control+n");
  await page.keyboard.press("Alt+/");
  expect(await dialog("Send event").count()).toBe(0);
  await page.keyboard.press("/");
  await page.keyboard.type("n/?");
  expect(await page.getByLabel("Type").inputValue()).toBe("n/?");
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await dialog("Send event").getByLabel("Message").and(page.locator(":focus")).fill('{"type":"by.keyboard"}');
  await page.keyboard.press("Control+Enter");
  await dialog("Send event").getByText("Sent as").waitFor();
  await run.until(() => run.hops("stored").length === 1);
  await dialog("Send event").getByRole("button", { name: "Close: Send event" }).click();
  await dialog("Send event").waitFor({ state: "detached" });
});

test("judges a message as the handler does before it is sent, and forgets the result when the text changes", async () => {
  await page.keyboard.press("n");
  const message = dialog("Send event").getByLabel("Message");
  const expected = [
    ["[]", "NOT_AN_OBJECT"],
    ['{"type":1}', "INVALID_TYPE"],
    ["{", "NOT_JSON"],
    ['{"type":"t","time":"2024-01-02T03:04:05"}', "which is not a readable time"],
  ] as const;
  for (const [text, code] of expected) {
    await message.fill(text);
    await dialog("Send event").getByText(code).waitFor();
  }
  await dialog("Send event").getByRole("button", { name: "Send", exact: true }).click();
  await dialog("Send event").getByText("Sent as").waitFor();
  expect(await focusedText()).toBe("Send");
  await message.fill('{"type":"ok"}');
  await dialog("Send event").getByText("Sent as").waitFor({ state: "detached" });
  await dialog("Send event").locator(".warn").waitFor({ state: "detached" });
  const copy = (disabled: boolean) => dialog("Send event").getByRole("button", { name: "Copy command", disabled });
  await copy(false).waitFor();
  await message.fill('{\n"type":"ok"}');
  expect(await copy(true).getAttribute("title")).toContain("single line");
});

test("redrives a dead letter from its trace, and says that it is a dead letter again", async () => {
  const messageId = await publish("[]");
  await rowOf("NOT_AN_OBJECT").click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.getByRole("button", { name: "Redrive", exact: true }).click();
  const outcome = drawer.locator(".outcome .message", { hasText: "dead letter again" });
  await outcome.waitFor();
  expect(await outcome.getAttribute("class")).toContain("bad");
  expect(await outcome.innerText()).toContain("no object");
  expect(run.hopsOf(messageId).filter(({ kind }) => kind === "dead-lettered")).toHaveLength(2);
  expect(await focusedText()).toBe("Redrive");
});

test("redrives a dead letter that can be stored by now, and reports that it is stored", async () => {
  const { clients } = run;
  const queueUrl = run.output("dlq_url");
  const sent = await publish('{"type":"first"}');
  await pill(rowOf("first"), "table done").waitFor();
  // A copy of the delivered envelope, as SQS moves it after the last receive.
  const Body = JSON.stringify({
    Type: "Notification",
    MessageId: sent,
    Timestamp: new Date().toISOString(),
    Message: '{"type":"first"}',
  });
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
  await page.getByLabel("Status").selectOption("dead");
  await rowOf("first").click();
  const drawer = page.getByRole("complementary", { name: "Event" });
  await drawer.getByRole("button", { name: "Redrive", exact: true }).click();
  await drawer.locator(".outcome .good", { hasText: "stored" }).waitFor();
});

test("groups the trace by subscriber, and draws each branch in the diagram", async () => {
  const filter = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
  const stage = stageWith({}, { alerts: { handler: "alert-log", ...filter } });
  const other = await LocalRun.start("--delivery", "ordered", "--stack-folder", stackFolder(undefined, stage));
  try {
    const TopicArn = other.output("topic_arn");
    const { MessageId } = await other.clients.sns.send(
      new PublishCommand({ TopicArn, Message: '{"type":"finding.new","severity":"low"}' }),
    );
    await other.waitForHop(String(MessageId), "archived");
    await page.goto(String(other.ready.page));
    await rowOf("finding.new").click();
    const drawer = page.getByRole("complementary", { name: "Event" });
    const groups = drawer.locator(".trace-part");
    await groups.nth(3).waitFor();
    expect(await groups.getByRole("heading").allInnerTexts()).toEqual([
      "Topic",
      "Event processor",
      "Archive",
      "Subscriber alerts",
    ]);
    expect(await groups.nth(1).locator("b").allInnerTexts()).toEqual(["Queued", "Processed", "Stored"]);
    expect(await groups.nth(3).locator(".hop").getAttribute("class")).toMatch(/^hop hop-filtered\s*$/);
    await page.getByRole("navigation", { name: "Pipeline" }).getByText("1 filtered out").waitFor();
  } finally {
    await other.stop();
  }
});

test("shows that the run stopped, and reconnects after a restart", async () => {
  await publish('{"type":"first.run"}');
  await publish("[]");
  const drawer = page.getByRole("complementary", { name: "Event" });
  await rowOf("NOT_AN_OBJECT").click();
  await drawer.getByRole("button", { name: "Redrive" }).waitFor();
  const { port } = new URL(pageUrl());
  await run.stop();
  await page.getByRole("status").getByText("Disconnected").waitFor();
  await page.getByText("Last update:").waitFor();
  expect(await rowOf("first.run").count()).toBe(1);
  expect(await page.getByRole("button", { name: "Send event" }).isDisabled()).toBe(true);
  run = await LocalRun.start("--page-port", port);
  await page.getByRole("status").getByText("Live").waitFor();
  await page.getByText("A new run started").filter({ hasText: "is lost" }).waitFor();
  expect(await rowOf("first.run").count()).toBe(0);
  await drawer.getByText("not in the list").waitFor();
  expect(await drawer.getByRole("button", { name: "Redrive" }).count()).toBe(0);
  await page.getByRole("button", { name: /^Topic since \d\d:\d\d 0 published/ }).waitFor();
  await send('{"type":"second.run"}');
  await rowOf("second.run").waitFor();
});

test("shows when the run stops responding and when it responds again", async () => {
  const pid = Number(run.child.pid);
  process.kill(pid, "SIGSTOP");
  try {
    await page.getByRole("status").getByText("Not responding").waitFor({ timeout: 20_000 });
    await page.getByText("The server does not respond").waitFor();
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await page.getByRole("status").getByText("Live").waitFor();
});

test("makes no request to another server", async () => {
  await page.reload();
  await page.getByRole("status").getByText("Live").waitFor();
  expectClean();
});

describe.each(["light", "dark"] as const)("in %s mode", (colorScheme) => {
  test("passes axe with the drawer, the dialogs and notices, on a large and a small screen", async () => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await publish('{"type":"finding.new","severity":"high"}');
    await publish("poison");
    await pill(rowOf("NOT_JSON"), "archive done").waitFor();
    await expectAccessible();
    await rowOf("NOT_JSON").click();
    await page.locator(".hop").first().waitFor();
    await expectAccessible();
    await page.getByRole("button", { name: "Close the event" }).click();
    await page.getByRole("button", { name: "Send event" }).click();
    await dialog("Send event").getByRole("button", { name: "not-json" }).click();
    await dialog("Send event").getByRole("button", { name: "Send", exact: true }).click();
    await dialog("Send event").getByText("Sent as").waitFor();
    await expectAccessible();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open the dead-letter queue" }).click();
    await dialog("Dead-letter queue").getByRole("button", { name: "View messages" }).click();
    await dialog("Dead-letter queue")
      .getByRole("heading", { name: /NOT_JSON/ })
      .waitFor();
    await expectAccessible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expectAccessible();
    await page.keyboard.press("Escape");
    for (const width of [1_440, 1_024, 390]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await expectReadableStages();
      await expectAccessible();
    }
    await page.getByRole("button", { name: "Pause" }).click();
    await expectAccessible();
    await rowOf("finding.new").click();
    await page.locator(".hop").first().waitFor();
    await expectAccessible();
    await run.stop();
    await page.getByRole("status").getByText("Disconnected").waitFor();
    await expectAccessible();
  }, 240_000); // axe runs eleven times.

  test("takes the README's screenshots (UPDATE_SCREENSHOTS=1 saves them)", async () => {
    const folder = process.env.UPDATE_SCREENSHOTS
      ? resolve("docs/images")
      : mkdtempSync(join(tmpdir(), "screenshots-"));
    mkdirSync(folder, { recursive: true });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width: 1_600, height: 860 });
    for (const event of SHOWN) await publish(event);
    await run.until(() => run.hops("archived").length === SHOWN.length);
    const row = rowOf("NOT_JSON").first();
    await pill(row, "archive done").waitFor();
    await row.click();
    await page.locator(".hop-archived").waitFor();
    const image = await page.screenshot({ path: join(folder, `live-page-${colorScheme}.png`) });
    expect(image.length).toBeGreaterThan(30_000);
  });
});

/** Events in the screenshots. */
const SHOWN = [
  ...Array.from({ length: 6 }, (_, index) => [
    { specversion: "1.0", id: `scan-${index + 41}`, source: `/agents/${index + 3}`, type: "scan.started" },
    { type: "finding.new", id: `finding-${index * 7 + 102}`, severity: index % 2 ? "high" : "low", title: "Open port" },
    { type: "scan.finished", id: `scan-${index + 41}-done`, findings: index },
  ])
    .flat()
    .map((event) => JSON.stringify(event)),
  '{"type": "finding.new", "severity": "high", "title": "Cut off he',
  '{"type":"report.published","id":"report-9","pages":12}',
];
