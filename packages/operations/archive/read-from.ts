import { S3Client } from "@aws-sdk/client-s3";
import type { Pipeline } from "../pipeline";
import { type Archive, type ArchivedObject, archivedObjects, type TimeSpan } from "./archived-objects";
import { type ArchivedRecord, archivedRecords, type ReadArchiveProps } from "./archived-records";

async function archiveOf(pipeline: Pipeline): Promise<Archive> {
  return { s3: pipeline.client(S3Client), bucket: await pipeline.rawBucket() };
}

/** Objects of the pipeline's archive. */
export async function* listArchive(
  pipeline: Pipeline,
  span: TimeSpan,
  signal?: AbortSignal,
): AsyncGenerator<ArchivedObject, void, void> {
  yield* archivedObjects(await archiveOf(pipeline), span, { signal });
}

/** Events of the pipeline's archive. */
export async function* readArchive(
  pipeline: Pipeline,
  props: Omit<ReadArchiveProps, "archive">,
): AsyncGenerator<ArchivedRecord, void, void> {
  yield* archivedRecords({ ...props, archive: await archiveOf(pipeline) });
}
