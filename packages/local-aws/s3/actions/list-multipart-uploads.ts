import type { ListMultipartUploadsOutput, ListMultipartUploadsRequest } from "@aws-sdk/client-s3";
import { compareBytes } from "../bucket";
import { LIST_MEMBERS, Listing, OWNER } from "../listing";
import type { S3Action } from "../s3-action";
import { checksumSettings } from "../uploads";

export const ListMultipartUploads: S3Action<ListMultipartUploadsRequest, ListMultipartUploadsOutput> = {
  handles: [...LIST_MEMBERS, "KeyMarker", "MaxUploads", "UploadIdMarker"],
  run(input, s3) {
    const { Bucket, KeyMarker = "", MaxUploads, UploadIdMarker = "" } = input;
    const listing = new Listing(input, MaxUploads, "max-uploads");
    const first = listing.firstKey(KeyMarker);
    const uploads = s3
      .uploads(Bucket)
      .map(({ stored }) => [stored.key, stored] as const)
      // Without a key marker, S3 ignores the marker of an upload.
      .filter(([key, { id }]) => {
        if (key === KeyMarker) return UploadIdMarker !== "" && id > UploadIdMarker;
        return compareBytes(key, first) >= 0;
      })
      .sort(([keyA, a], [keyB, b]) => compareBytes(keyA, keyB) || (a.id < b.id ? -1 : 1));
    const page = listing.page(uploads, KeyMarker);
    return {
      Bucket,
      Uploads: page.items.map((upload) => ({
        Key: listing.encode(upload.key),
        UploadId: upload.id,
        Initiated: new Date(upload.initiated),
        Initiator: OWNER,
        Owner: OWNER,
        StorageClass: "STANDARD" as const,
        ...checksumSettings(upload),
      })),
      ...listing.members(page),
      KeyMarker: listing.encode(KeyMarker),
      MaxUploads: listing.max,
      ...(page.next && { NextKeyMarker: listing.encode(page.next.name), NextUploadIdMarker: page.next.item?.id ?? "" }),
      UploadIdMarker,
    };
  },
};
