import { hashOf, setToJson } from "@event-pipeline/contracts/contract-set";
import type { MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { awsError, type FakeAnswer, fakePipeline } from "@event-pipeline/testing/fake-pipeline";
import fc from "fast-check";
import { currentContracts, deployedContracts, NO_CONTRACTS } from "../deployed-contracts";

type Set = Parameters<typeof setToJson>[0];
const setWith = (...mapping: MappingEntry[]): Set => ({ strictTypes: false, contracts: [], mapping });
const rule = (name: string) => ({ type: [`/${name}`] });

interface Deployment {
  /** The hash in the function's environment; `denied` if the function is not accessible. */
  readonly hash?: string | undefined;
  /** The texts of the object's versions, latest first. */
  readonly versions?: readonly string[];
  /** Versions of another key with the same prefix. */
  readonly others?: readonly string[];
  readonly fails?: string;
  /** The name of the error of the request that fails. @default "AccessDenied" */
  readonly error?: string;
}

/** Returns a fake pipeline and its requests. The versions are listed in pages of two. */
function deployed({ hash, versions = [], others = [], fails, error = "AccessDenied" }: Deployment) {
  const requests: string[] = [];
  const objects = [
    ...versions.map((text) => ["contracts/contracts.json", text]),
    ...others.map((text) => ["contracts/contracts.json.copy", text]),
  ];
  const answer: FakeAnswer = (action, input) => {
    requests.push(action);
    if (action === fails) throw awsError(error);
    if (action === "GetFunctionConfiguration") {
      if (hash === "denied") throw awsError("AccessDeniedException");
      return { Environment: { Variables: { TABLE_NAME: "t", ...(hash !== undefined && { CONTRACTS_HASH: hash }) } } };
    }
    if (action === "DescribeDeliveryStream") return {};
    if (action === "ListObjectVersions") {
      const start = Number(input.VersionIdMarker ?? 0);
      const page = objects.slice(start, start + 2);
      return {
        Versions: page.map(([Key, text], index) => ({ Key, VersionId: String(start + index), ETag: text })),
        IsTruncated: start + 2 < objects.length,
        NextKeyMarker: "contracts/contracts.json",
        NextVersionIdMarker: String(start + 2),
      };
    }
    const text = objects[Number(input.VersionId)]?.[1];
    return { Body: { transformToString: async () => text } };
  };
  return { pipeline: fakePipeline(answer), requests };
}

test("without a hash, there are no contracts, and one request", async () => {
  const { pipeline, requests } = deployed({ versions: [setToJson(setWith(rule("a")))] });
  expect(await deployedContracts(pipeline)).toBe(NO_CONTRACTS);
  expect(requests).toEqual(["GetFunctionConfiguration"]);
});

test("finds the contracts by their hash in any version, and each earlier mapping once", async () => {
  const mappings = fc.array(fc.constantFrom("a", "b", "c", "d", ""), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(mappings, fc.nat(), async (names, position) => {
      const sets = names.map((name) => (name === "" ? setWith() : setWith(rule(name))));
      const current = sets[position % sets.length] as Set;
      const { pipeline } = deployed({
        hash: hashOf(current),
        versions: sets.map(setToJson),
        others: ["no set of contracts"],
      });
      const found = await deployedContracts(pipeline);
      expect(found.current.hash).toBe(hashOf(current));
      expect(found.set).toEqual(current);
      const former = [...new Set(names.filter((name) => name !== "" && name !== names[position % names.length]))];
      expect(found.formerMappings.map(({ entries }) => entries)).toEqual(former.map((name) => [rule(name)]));
    }),
  );
});

test("reads contracts once, and again after a deployment", async () => {
  const [one, two] = [setWith(rule("a")), setWith(rule("b"))];
  const deployment = { hash: hashOf(one), versions: [setToJson(one)] };
  const { pipeline, requests } = deployed(deployment);
  await Promise.all([currentContracts(pipeline), currentContracts(pipeline)]);
  expect(requests.filter((action) => action === "GetObject")).toHaveLength(1);
  const later = deployed({ hash: hashOf(two), versions: [setToJson(two), setToJson(one)] });
  pipeline.client = later.pipeline.client;
  expect((await currentContracts(pipeline)).current.hash).toBe(hashOf(two));
});

test("without access to the function, the latest version counts, and without a version, there are none", async () => {
  const [latest, earlier] = [setWith(rule("a")), setWith(rule("b"))];
  const { pipeline } = deployed({ hash: "denied", versions: [latest, earlier].map(setToJson) });
  expect((await deployedContracts(pipeline)).current.hash).toBe(hashOf(latest));
  expect(await deployedContracts(deployed({ hash: "denied" }).pipeline)).toBe(NO_CONTRACTS);
  const undeployed = deployed({ hash: "denied", fails: "ListObjectVersions", error: "NoSuchBucket" });
  expect(await deployedContracts(undeployed.pipeline)).toBe(NO_CONTRACTS);
});

test.each([
  ["no version", { versions: [] }, "which does not exist"],
  ["another version", { versions: [setToJson(setWith())] }, "its only version"],
  ["a damaged version", { versions: ["[1, 2"] }, "Version 0 of s3://fake-events-raw/contracts/contracts.json"],
  ["no contracts", { versions: ["{}"] }, "is not a set of contracts"],
  ["an unknown preset", { versions: ['{"contracts":[],"mapping":["never"]}'] }, "is not a set of contracts"],
  ["no bucket", { fails: "ListObjectVersions", error: "NoSuchBucket" }, "no reason"],
  ["no permission to list", { fails: "ListObjectVersions" }, "no reason"],
  ["no permission to read", { versions: [setToJson(setWith())], fails: "GetObject" }, "no reason"],
])("throws if the bucket has %s", async (_, deployment, message) => {
  const { pipeline } = deployed({ hash: hashOf(setWith(rule("a"))), ...deployment });
  await expect(currentContracts(pipeline)).rejects.toThrow(message);
  // The next call tries again.
  await expect(deployedContracts(pipeline)).rejects.toThrow(message);
});
