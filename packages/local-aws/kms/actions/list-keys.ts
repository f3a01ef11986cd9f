import type { ListKeysRequest, ListKeysResponse } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import { pageOf } from "../../page";
import type { Kms } from "../kms";

export const ListKeys: Action<ListKeysRequest, ListKeysResponse, Kms> = {
  handles: ["Limit", "Marker"],
  run({ Limit = 100, Marker }, kms) {
    const { page, next } = pageOf(kms.all(), Marker, Limit, 1_000);
    return {
      Keys: page.map(({ id }) => ({ KeyId: id, KeyArn: kms.arnOf(id) })),
      Truncated: next !== undefined,
      NextMarker: next,
    };
  },
};
