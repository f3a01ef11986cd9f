// Tests contracts on the page in Chromium, with local runs.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { AxeBuilder } from "@axe-core/playwright";
import { CONTRACTS_KEY } from "@event-pipeline/event-model/archive-layout";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { EXAMPLE_EVENTS, synthStackFolder } from "@event-pipeline/testing/synthesized";
import type { Locator, Page } from "playwright-core";
import type { Contracts } from "../../api";
import { Browser } from "./browser";

let browser: Browser;
let page: Page;
let run: LocalRun | undefined;

beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  browser.errors.length = 0;
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  await run?.stop();
  run = undefined;
});

/** Starts a run with the contracts and the mapping of a folder. Returns a function that synthesizes them again. */
async function start(eventsFolder: string): Promise<{ readonly run: LocalRun; readonly synth: () => string }> {
  const outdir = mkdtempSync(join(tmpdir(), "synth-"));
  const synth = () => synthStackFolder(outdir, { eventsFolder });
  const started = await LocalRun.start("--delivery", "ordered", "--stack-folder", synth());
  run = started;
  return { run: started, synth };
}

async function openPage({ ready }: LocalRun): Promise<void> {
  await page.goto(String(ready.page));
  await page.getByRole("status").getByText("Live").waitFor();
}

interface Files {
  readonly [name: string]: object;
}

function eventsFolder(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  write(folder, files);
  return folder;
}

function write(folder: string, files: Files): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
}

function contract(type: string, rules: object, examples: readonly object[], texts: object = {}): object {
  return {
    ...{ "x-event-type": type, "x-version": "1.0.0", title: "A title", description: "A description." },
    ...texts,
    ...rules,
    examples,
  };
}

const dialog = (name: string): Locator => page.getByRole("dialog", { name });
const send = () => dialog("Send event");
const message = () => send().getByLabel("Message");
const drawer = () => page.getByRole("complementary", { name: "Event" });
const rowOf = (text: string): Locator => page.locator(".rows .row").filter({ hasText: text });

async function publish(Message: string, more: object = {}): Promise<string> {
  const { MessageId } = await (run as LocalRun).clients.sns.send(
    new PublishCommand({ TopicArn: (run as LocalRun).output("topic_arn"), Message, ...more }),
  );
  return String(MessageId);
}

async function expectAccessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([]);
}

test("fills in an example, and says while the user types what the handler says after sending", async () => {
  await openPage((await start(EXAMPLE_EVENTS)).run);
  await page.keyboard.press("n");
  await send().getByLabel("Types with a contract").selectOption("scan.finished");
  await send().getByRole("button", { name: "Use example" }).click();
  const example = JSON.parse(await message().inputValue());
  expect(example).toMatchObject({ type: "scan.finished", findings: 1 });
  await send().getByText("Type scan.finished").waitFor();
  expect(await message().getAttribute("aria-invalid")).toBe("false");
  await message().fill(JSON.stringify({ ...example, findings: "many" }));
  const warning = send().locator(".outcome .warn");
  await warning.waitFor();
  expect(await message().getAttribute("aria-invalid")).toBe("true");
  expect(await warning.innerText()).toContain("CONTRACT_VIOLATED");
  const said = await warning.innerText();
  await send().getByRole("button", { name: "Send", exact: true }).click();
  await send().getByRole("button", { name: "Show trace" }).click();
  const reason = await drawer().locator(".hop-reason").innerText();
  expect(said.endsWith(reason)).toBe(true);
  // The drawer links the refused event to its contract.
  await drawer().getByRole("button", { name: "Scan finished, version 1.0.0" }).click();
  await dialog("Contracts").getByRole("heading", { name: "Scan finished" }).waitFor();
  await dialog("Contracts").getByText('"x-event-type": "scan.finished"').waitFor();
  await dialog("Contracts").getByLabel("Type").selectOption("finding.new");
  await dialog("Contracts").getByText("An agent found a weakness.", { exact: true }).waitFor();
  await dialog("Contracts").getByRole("button", { name: "Edit and send" }).nth(1).click();
  expect(JSON.parse(await message().inputValue())).toMatchObject({ title: "Open port", score: 3.1 });
  expect(browser.errors).toEqual([]);
});

test("shows the judgment of the latest text, also if that of an earlier text arrives later", async () => {
  await openPage((await start(EXAMPLE_EVENTS)).run);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/api/verdict", async (route) => {
    const isSlow = route.request().postData()?.includes("slow");
    const response = await route.fetch();
    if (isSlow) await released;
    await route.fulfill({ response });
  });
  await page.keyboard.press("n");
  const asked = page.waitForRequest((request) => Boolean(request.postData()?.includes("slow")));
  await message().fill('{"type":"finding.new","severity":"slow","title":"t"}');
  await asked;
  await message().fill('{"type":"finding.new","severity":"fast","title":"t"}');
  await send().locator(".outcome", { hasText: 'is "fast"' }).waitFor();
  const slow = page.waitForResponse((response) => Boolean(response.request().postData()?.includes("slow")));
  release();
  await (await slow).finished();
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
  expect(await send().locator(".outcome").innerText()).toContain('is "fast"');
});

test("stores a refused event after its contract is corrected and it is redriven", async () => {
  const rules = (maximum: number) => ({ type: "object", properties: { score: { type: "number", maximum } } });
  const folder = eventsFolder({ "score.json": contract("score.set", rules(10), [{ type: "score.set", score: 1 }]) });
  const { run, synth } = await start(folder);
  await openPage(run);
  const messageId = await publish('{"type":"score.set","score":11}');
  await rowOf("CONTRACT_VIOLATED").click();
  await drawer().getByText("/score is 11").waitFor();
  await drawer().getByRole("button", { name: "Redrive" }).click();
  await drawer().getByText("Redriven, but the event is a dead letter again.").waitFor();
  write(folder, { "score.json": contract("score.set", rules(11), [{ type: "score.set", score: 1 }]) });
  synth();
  await drawer().getByRole("button", { name: "Redrive" }).click();
  await drawer().getByText("Redriven and stored.").waitFor();
  await run.waitForHop(messageId, "stored");
  expect(browser.errors).toEqual([]);
});

test("shows and finds what the mapping, the subject and the attributes say", async () => {
  await openPage(
    (await start(eventsFolder({ "mapping.json": ["cloudevents", { type: ["/kind"], time: ["/at"] }] }))).run,
  );
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = { DataType: "String", StringValue: `00-${traceId}-00f067aa0ba902b7-01` };
  await publish('{"kind":"by.rule","at":"2026-01-02T03:04:05Z","time":"yesterday"}', {
    Subject: "Nightly scan",
    MessageAttributes: { traceparent },
  });
  await publish('{"kind":"lost.time","at":"2026-01-02T03:04:05"}');
  await publish('{"specversion":"1.0","id":"c-1","source":"/agents/7","type":"by.preset"}');
  for (const [text, type] of [
    ["nightly", "by.rule"],
    [traceId, "by.rule"],
    ["traceparent=00", "by.rule"],
    ["cloudevents", "by.preset"],
  ] as const) {
    await page.getByLabel("Text").fill(text);
    await page.getByText("1 of 3 events").waitFor();
    await rowOf(type).waitFor();
  }
  await page.getByRole("button", { name: "Clear" }).click();
  await rowOf("by.rule").click();
  await drawer().getByText('"timestamp_id"').waitFor();
  const facts = await drawer().locator(".facts").first().innerText();
  for (const fact of ["Nightly scan", "rule 2", traceId]) expect(facts).toContain(fact);
  expect(await drawer().getByText("not a readable time").count()).toBe(0);
  await rowOf("lost.time").click();
  await drawer().getByText('The event\'s at is "2026-01-02T03:04:05", which is not a readable time').waitFor();
  expect(browser.errors).toEqual([]);
});

test("renders hostile contracts as text, and stays usable with 200 of them", async () => {
  const hostile = `</script><img src=x onerror="document.title='broken'">\u202Etfel 👩‍🚀 ${"x".repeat(10_000)}`;
  const type = `</option>\u202E👩‍🚀<b>${"t".repeat(300)}`;
  const texts = { title: hostile, description: hostile };
  const files: Record<string, object> = {
    "hostile.json": contract(type, { maxProperties: 9 }, [{ type, hostile }], texts),
  };
  for (let index = 100; index < 300; index += 1)
    files[`c${index}.json`] = contract(`type.${index}`, { required: ["id"] }, [{ type: `type.${index}`, id: "1" }]);
  await openPage((await start(eventsFolder(files))).run);
  await page.keyboard.press("n");
  const types = send().getByLabel("Types with a contract");
  await types.waitFor();
  expect(await types.locator("option").count()).toBe(201);
  await types.selectOption(type);
  await send().getByRole("button", { name: "Use example" }).click();
  expect(JSON.parse(await message().inputValue())).toEqual({ type, hostile });
  await send().getByRole("button", { name: "Contract 1.0.0" }).click();
  await dialog("Contracts").getByRole("heading", { name: "Schema" }).waitFor();
  for (const width of [1_440, 1_024, 390]) {
    await page.setViewportSize({ width, height: 800 });
    for (const name of ["Contracts", "Send event"]) {
      const overflow = await dialog(name).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect([width, name, overflow]).toEqual([width, name, 0]);
    }
  }
  expect(await page.locator("#app script, #app img[src='x']").count()).toBe(0);
  expect(await page.title()).toBe("local · event-pipeline");
  expect(browser.errors).toEqual([]);
});

test("forgets a contract that is removed while the dialog is open", async () => {
  await openPage((await start(EXAMPLE_EVENTS)).run);
  let isRemoved = false;
  await page.route("**/api/contracts", async (route) => {
    const response = await route.fetch();
    if (isRemoved) return route.fulfill({ response });
    isRemoved = true;
    const json = (await response.json()) as Contracts;
    const [first] = json.contracts;
    const gone = { ...first, type: "gone.type", examples: ['{"type":"gone.type"}'] };
    return route.fulfill({ response, json: { hash: "earlier", contracts: [gone, ...json.contracts] } });
  });
  // The first judgment waits until the example of the contract is in the message.
  await page.route("**/api/verdict", async (route) => {
    if (route.request().postData()?.includes("gone.type")) await route.continue();
    else await route.abort();
  });
  await page.keyboard.press("n");
  const types = send().getByLabel("Types with a contract");
  await types.selectOption("gone.type");
  await send().getByRole("button", { name: "Use example" }).click();
  await send().getByText("Type gone.type, which has no contract").waitFor();
  await types.locator("option", { hasText: "gone.type" }).waitFor({ state: "detached" });
  expect(await message().inputValue()).toBe('{"type":"gone.type"}');
  await send().getByRole("button", { name: "Use example" }).click();
  expect(JSON.parse(await message().inputValue())).toMatchObject({ type: "finding.new" });
});

test("says that the contracts cannot be read, and still sends events", async () => {
  const { run } = await start(EXAMPLE_EVENTS);
  // With the first event, the run puts the stack's objects.
  await run.waitForHop(await publish('{"type":"first"}'), "stored");
  const Bucket = run.output("raw_bucket");
  const { Versions = [] } = await run.clients.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: CONTRACTS_KEY }));
  expect(Versions.length).toBe(1);
  for (const { Key, VersionId } of Versions)
    await run.clients.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  await openPage(run);
  await page.keyboard.press("n");
  await send().getByText("The message is judged without the deployed contracts.").waitFor();
  expect(await send().getByLabel("Types with a contract").count()).toBe(0);
  await send().getByRole("button", { name: "Send", exact: true }).click();
  await send().getByRole("button", { name: "Show trace" }).click();
  await drawer().getByText('"timestamp_id"').waitFor();
  expect(await drawer().getByText("Contract", { exact: true }).count()).toBe(0);
  expect(browser.errors).toEqual([]);
});

test("offers no types without contracts", async () => {
  run = await LocalRun.start("--delivery", "ordered");
  await openPage(run);
  await page.keyboard.press("n");
  await send().getByText("Type finding.new").waitFor();
  expect(await send().getByText("contract").count()).toBe(0);
  expect(await send().getByRole("combobox").count()).toBe(0);
});

test("needs only the keyboard", async () => {
  await openPage((await start(EXAMPLE_EVENTS)).run);
  await page.keyboard.press("n");
  const types = send().getByLabel("Types with a contract");
  await types.waitFor();
  await types.focus();
  await page.keyboard.type("scan.s");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(JSON.parse(await message().inputValue())).toMatchObject({ type: "scan.started" });
  await send().getByText("Type scan.started").waitFor();
  const link = send().getByRole("button", { name: "Contract 1.0.0" });
  await link.focus();
  await page.keyboard.press("Enter");
  await dialog("Contracts").getByRole("heading", { name: "Scan started" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog("Contracts").waitFor({ state: "detached" });
  expect(await send().count()).toBe(1);
  await link.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  // A click closes the dialog without the browser's own return of the focus.
  await dialog("Contracts").getByRole("button", { name: "Close: Contracts" }).focus();
  await page.keyboard.press("Enter");
  await dialog("Contracts").waitFor({ state: "detached" });
  await link.and(page.locator(":focus")).waitFor();
  await message().focus();
  await page.keyboard.press("Control+Enter");
  await send().getByText("Sent as").waitFor();
});

test.each(["light", "dark"] as const)(
  "passes axe in %s mode at each size",
  async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openPage((await start(EXAMPLE_EVENTS)).run);
    const folder = process.env.SCREENSHOTS;
    const shot = async (name: string) =>
      folder && (await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) }));
    for (const width of [1_440, 1_024, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await publish('{"type":"finding.new","severity":"severe","title":"t"}', { Subject: "Nightly scan" });
      await rowOf("CONTRACT_VIOLATED").first().click();
      const link = drawer().getByRole("button", { name: "New finding, version 1.0.0" });
      await link.waitFor();
      await drawer().locator(".hop-reason").first().waitFor();
      await shot(`drawer-${width}`);
      await expectAccessible();
      await link.click();
      await dialog("Contracts").getByRole("heading", { name: "Schema" }).waitFor();
      await shot(`contract-${width}`);
      await expectAccessible();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await drawer().waitFor({ state: "detached" });
      const codes = page.locator(".pill-code .pill-name");
      expect(await codes.evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)).toBe(0);
      await page.getByRole("button", { name: "Send event" }).click();
      await message().fill('{"type":"finding.new","severity":"severe","title":"t"}');
      await send().locator(".outcome .warn").waitFor();
      await send().getByLabel("Types with a contract").waitFor();
      await shot(`send-${width}`);
      await expectAccessible();
      await page.keyboard.press("Escape");
    }
  },
  180_000, // axe runs nine times.
);
