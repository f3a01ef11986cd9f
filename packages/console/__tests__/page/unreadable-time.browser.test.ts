import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Browser } from "./browser";

test("an event's drawer quotes a time that could not be read, and no readable one", async () => {
  const run = await LocalRun.start("--delivery", "ordered");
  const browser = await Browser.open();
  const page = await browser.newPage();
  await page.goto(String(run.ready.page));
  for (const Message of [
    '{"type":"lost.time","time":"2024-01-02T03:04:05"}',
    '{"type":"kept.time","time":1767323045}',
  ]) {
    await run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));
  }
  const drawer = page.getByRole("complementary", { name: "Event" });
  const quote = drawer.getByText(`The event's time is "2024-01-02T03:04:05"`);
  await page.locator(".rows .row").filter({ hasText: "lost.time" }).click();
  await quote.waitFor();
  await page.locator(".rows .row").filter({ hasText: "kept.time" }).click();
  await drawer.getByRole("heading", { name: "kept.time" }).waitFor();
  await quote.waitFor({ state: "detached" });
  await browser.close();
  await run.stop();
});
