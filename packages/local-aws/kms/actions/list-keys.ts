import type { ListKeysRequest, ListKeysResponse } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import type { Kms } from "../kms";

export const ListKeys: Action<ListKeysRequest, ListKeysResponse, Kms> = {
  handles: ["Limit", "Marker"],
  run({ Limit = 100, Marker = "0" }, kms) {
    // The marker is the number of the first key.
    const start = Number(Marker);
    if (!Number.isInteger(start) || start < 0) throw new AwsError("InvalidMarkerException", "Invalid Marker.");
    if (!Number.isInteger(Limit) || Limit < 1 || Limit > 1_000) {
      throw new AwsError("ValidationException", `Invalid Limit ${Limit}: expected 1 to 1,000.`);
    }
    const keys = kms.all();
    const end = start + Limit;
    return {
      Keys: keys.slice(start, end).map(({ id }) => ({ KeyId: id, KeyArn: kms.arnOf(id) })),
      Truncated: end < keys.length,
      ...(end < keys.length && { NextMarker: String(end) }),
    };
  },
};
