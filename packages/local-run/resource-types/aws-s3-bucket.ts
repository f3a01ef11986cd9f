import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { ResourceType } from "./resource-type";

const THERE = ["BucketAlreadyOwnedByYou", "BucketAlreadyExists"];

export const awsS3Bucket: ResourceType = {
  computed: (block) => {
    const bucket = String(block.get("bucket"));
    return { arn: `arn:aws:s3:::${bucket}`, id: bucket };
  },
  create: async (block, { clients }) => {
    await clients.s3.send(new CreateBucketCommand({ Bucket: String(block.get("bucket")) })).catch((error: Error) => {
      if (!THERE.includes(error.name)) throw error;
    });
  },
};
