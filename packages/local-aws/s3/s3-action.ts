import type { Action, RequestContext } from "../gateway/service";
import type { S3 } from "./s3";

/** An input as an action gets it, with all required members: requests without them are rejected before. */
export type Decoded<Input> = {
  [Name in keyof Input]: Pick<Input, Name> extends Required<Pick<Input, Name>> ? NonNullable<Input[Name]> : Input[Name];
};

/** An action of S3. */
export interface S3Action<Input extends object, Output> extends Omit<Action<Input, Output, S3>, "run"> {
  run(input: Decoded<Input>, s3: S3, context: RequestContext): Output | Promise<Output>;
}
