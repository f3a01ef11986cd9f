import type { Action, RequestContext } from "../gateway/service";
import type { S3 } from "./s3";

/** Members that are present wherever an input has them, because requests without them are rejected. */
type RequiredMember = "Bucket" | "CopySource" | "Key" | "UploadId";

/** An input as an action gets it. */
export type Decoded<Input> = Input & { readonly [Name in keyof Input & RequiredMember]-?: NonNullable<Input[Name]> };

/** An action of S3. */
export interface S3Action<Input extends object, Output> extends Omit<Action<Input, Output, S3>, "run"> {
  run(input: Decoded<Input>, s3: S3, context: RequestContext): Output | Promise<Output>;
}
