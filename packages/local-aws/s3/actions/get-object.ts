import type { GetObjectOutput, GetObjectRequest } from "@aws-sdk/client-s3";
import { READ_MEMBERS, readObject } from "../read-object";
import type { S3Action } from "../s3-action";

export const GetObject: S3Action<GetObjectRequest, GetObjectOutput> = {
  handles: READ_MEMBERS,
  differs: "accepts presigned URLs after they have expired",
  run(input, s3) {
    const { object, range, output } = readObject(s3, input);
    // The SDK's type has its own methods for clients.
    const Body = s3.bodies.read(object.segments, range.start, range.end) as unknown as GetObjectOutput["Body"];
    return { ...output, Body };
  },
};
