import { GetObjectCommand, ListObjectVersionsCommand, type ObjectVersion, type S3Client } from "@aws-sdk/client-s3";
import type { ContractSet } from "@event-pipeline/contracts/contract-set";
import { EventContracts } from "@event-pipeline/contracts/event-contracts";
import { CONTRACTS_KEY } from "@event-pipeline/event-model/archive-layout";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import pMap from "p-map";
import { openArchive } from "./archive/archived-objects";
import { isMissing } from "./aws-errors";
import { OperationError } from "./errors";
import type { Pipeline } from "./pipeline";
import { processorEnvironment } from "./processor-environment";
import { retryOnPassingError } from "./retry";

/** The contracts and the mapping by which the handler reads and validates events. */
export interface CurrentContracts {
  readonly current: EventContracts;
  /** The same contracts as JSON Schema; undefined if there are none. */
  readonly set: ContractSet | undefined;
}

/** The contracts and the mapping of a pipeline, and the mappings of its earlier deployments. */
export interface DeployedContracts extends CurrentContracts {
  /** The mappings by which earlier handlers read events, without the current one. The latest comes first. */
  readonly formerMappings: readonly Mapping[];
}

/** A pipeline that never had contracts or a mapping. */
export const NO_CONTRACTS: DeployedContracts = { current: EventContracts.NONE, set: undefined, formerMappings: [] };

const CONCURRENT_READS = 8;

/**
 * Reads the contracts by which the deployed handler works now. The function's environment has their hash, and the
 * archive's bucket has them. Without the hash, there are none.
 *
 * @throws OperationError if the bucket does not have them; the error from AWS if they cannot be read.
 * @example
 * const { current } = await currentContracts(pipeline);
 * current.validate(parseEvent({ message }, current)); // throws RefusedMessageError
 */
export async function currentContracts(pipeline: Pipeline, signal?: AbortSignal): Promise<CurrentContracts> {
  const environment = await processorEnvironment(pipeline, signal);
  if (environment && !environment.CONTRACTS_HASH) return NO_CONTRACTS;
  const known = environment?.CONTRACTS_HASH;
  if (known !== undefined) return pipeline.once(`contracts ${known}`, () => findContracts(pipeline, known, signal));
  return findContracts(pipeline, undefined, signal);
}

/**
 * Reads the contracts by which the deployed handler works now, and the mappings of earlier deployments. An event that an
 * earlier handler stored may have the key that it had under an earlier mapping.
 *
 * @throws as `currentContracts`.
 */
export async function deployedContracts(pipeline: Pipeline, signal?: AbortSignal): Promise<DeployedContracts> {
  const { current, set } = await currentContracts(pipeline, signal);
  if (!set) return NO_CONTRACTS;
  const versions = await listVersions(pipeline, signal);
  const sets = await pMap(versions, (version) => readVersion(pipeline, version, signal), {
    concurrency: CONCURRENT_READS,
  });
  const seen = new Set([current.mapping, Mapping.NONE].map(({ entries }) => JSON.stringify(entries)));
  const formerMappings: Mapping[] = [];
  for (const { mapping } of sets) {
    const text = JSON.stringify(mapping);
    if (!seen.has(text)) formerMappings.push(new Mapping(mapping));
    seen.add(text);
  }
  return { current, set, formerMappings };
}

/** @param hash - The hash of the contracts. @default - the latest contracts count, because the function is not accessible */
async function findContracts(
  pipeline: Pipeline,
  hash: string | undefined,
  signal: AbortSignal | undefined,
): Promise<CurrentContracts> {
  const versions = await listVersions(pipeline, signal).catch((error) => {
    // A command that needs the bucket reports that it does not exist.
    if (hash === undefined && isMissing(error)) return [];
    throw error;
  });
  if (hash === undefined && versions.length === 0) return NO_CONTRACTS;
  // Commands without contracts do not load the compiler.
  const { eventContractsOf, hashOf } = await import("@event-pipeline/contracts/contract-set");
  for (const version of versions) {
    const set = await readVersion(pipeline, version, signal);
    if (hash === undefined || hashOf(set) === hash) return { current: eventContractsOf(set), set };
  }
  const count = versions.length === 1 ? "its only version" : `its ${versions.length} versions`;
  const where = versions.length === 0 ? "which does not exist" : `but ${count} have another hash`;
  throw new OperationError(
    `The function's contracts have the hash ${hash?.slice(0, 8)} and should be in s3://${await pipeline.rawBucket(signal)}/${CONTRACTS_KEY}, ${where}. Wait until the deployment ends, or deploy again.`,
  );
}

/** Lists the versions of the object with the contracts, latest first. Versions with the same content are left out. */
async function listVersions(pipeline: Pipeline, signal: AbortSignal | undefined): Promise<ObjectVersion[]> {
  const { s3, bucket: Bucket } = await openArchive(pipeline, signal);
  const versions = new Map<string, ObjectVersion>();
  let next: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {};
  while (next) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
      Bucket,
      Prefix: CONTRACTS_KEY,
      ...next,
    });
    const {
      Versions = [],
      IsTruncated,
      NextKeyMarker,
      NextVersionIdMarker,
    } = await retryOnPassingError(() => s3.send(command, abortedBy(signal)), { signal });
    for (const version of Versions) {
      const content = version.ETag ?? String(version.VersionId);
      if (version.Key === CONTRACTS_KEY && !versions.has(content)) versions.set(content, version);
    }
    next =
      IsTruncated && NextKeyMarker !== undefined
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextVersionIdMarker !== undefined && { VersionIdMarker: NextVersionIdMarker }),
          }
        : undefined;
  }
  return [...versions.values()];
}

function readVersion(pipeline: Pipeline, version: ObjectVersion, signal?: AbortSignal): Promise<ContractSet> {
  const { VersionId, ETag } = version;
  return pipeline.once(`contracts ${VersionId} ${ETag}`, async () => {
    const { s3, bucket } = await openArchive(pipeline, signal);
    const text = await retryOnPassingError(() => readText(s3, bucket, VersionId, signal), { signal });
    const { setFromJson } = await import("@event-pipeline/contracts/contract-set");
    try {
      const set = setFromJson(text);
      new Mapping(set.mapping);
      return set;
    } catch (cause) {
      throw new OperationError(
        `Version ${VersionId} of s3://${bucket}/${CONTRACTS_KEY} is not a set of contracts: ${(cause as Error).message}. If it is not from a deployment, delete it.`,
        { cause },
      );
    }
  });
}

async function readText(
  s3: S3Client,
  bucket: string,
  VersionId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: CONTRACTS_KEY, VersionId });
  const { Body } = await s3.send(command, abortedBy(signal));
  return (await Body?.transformToString()) ?? "";
}

function abortedBy(signal: AbortSignal | undefined) {
  return signal && { abortSignal: signal };
}
