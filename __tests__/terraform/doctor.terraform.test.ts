import { DRIFTS, type DriftTarget, documentedDrifts, runDoctor, seenByDoctor } from "@event-pipeline/testing/drifts";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import { deniedCalls, grantsOf, onAws, uncalled } from "@event-pipeline/testing/grants";
import { type RecordedCall, recordedCalls } from "@event-pipeline/testing/recorded-call";
import { records } from "@event-pipeline/testing/run-cli";
import { NAME } from "./harness/environment";
import { Workspace } from "./harness/workspace";

const ACCOUNT = "123456789012";
const PLACE = { "{name}": NAME, "{subscriber}": "alerts", REGION: "us-east-1", ACCOUNT };

let workspace: Workspace;
let proxy: FaultyProxy;
let target: DriftTarget;
const calls: RecordedCall[] = [];

beforeAll(async () => {
  workspace = await Workspace.open("doctor");
  workspace.use(workspace.stack, { leavingOut: true });
  await workspace.terraform.init();
  await workspace.terraform.plan();
  await workspace.terraform.apply();
  const { moto, folder } = workspace;
  proxy = await FaultyProxy.open((request) => {
    calls.push(...recordedCalls(request, ACCOUNT));
    return undefined;
  }, moto.endpoint);
  target = { endpoint: moto.endpoint, doctorEndpoint: proxy.endpoint, name: NAME, account: ACCOUNT, folder };
});

afterAll(async () => {
  await proxy?.close();
  await workspace?.close();
});

async function findings(): Promise<unknown[]> {
  const ran = await runDoctor(target);
  expect(ran.stderr).toContain("terraform -chdir=");
  return [ran.code, ...records(ran).flatMap(({ findings = [] }) => findings)];
}

test("an event passes every hop of the applied stack", async () => {
  expect(await findings()).toEqual([0]);
});

test("docs/operations.md lists every drift", () => {
  expect(documentedDrifts().map(({ drift }) => drift)).toEqual(expect.arrayContaining(Object.keys(DRIFTS)));
});

test.each(documentedDrifts())("doctor sees that $drift", async ({ drift, hop, exitCode }) => {
  const seen = await seenByDoctor(drift, target);
  expect(seen).toEqual({ code: exitCode, hops: expect.arrayContaining([hop]) });
});

test("an event passes again once all changes are undone", async () => {
  expect(await findings()).toEqual([0]);
});

test("doctor calls what docs/permissions.md allows, and only reads", () => {
  expect(deniedCalls(onAws(calls), grantsOf(["read", "doctor"], PLACE))).toEqual([]);
  expect(uncalled(grantsOf(["doctor"], PLACE), calls)).toEqual([]);
});
