/** The pipeline that a command works with, and how it reaches the pipeline. */
export interface PipelineConnection {
  /** The prefix of every resource's name. */
  readonly name: string;
  /** @default - AWS_REGION, or the profile's region */
  readonly region?: string | undefined;
  /** @default - AWS_PROFILE, or `default` */
  readonly profile?: string | undefined;
  /** The URL for every AWS service. @default - the endpoints of AWS */
  readonly endpoint?: string | undefined;
  /** True if `endpoint` is AWS_ENDPOINT_URL, which AWS_ENDPOINT_URL_SQS and the like override. @default false */
  readonly isEndpointFromEnvironment?: boolean;
  /** True for the local run at `endpoint`, which accepts any credentials. @default false */
  readonly isLocalRun?: boolean;
  /** The archive's bucket. @default - the delivery stream's bucket, or `{name}-events-raw` */
  readonly rawBucket?: string | undefined;
  /** The words before the arguments of the event-pipeline command. @default "npx event-pipeline" */
  readonly invocation?: string | undefined;
}

/** The pipeline that `--local` selects, and the local run's credentials. */
export const LOCAL_RUN = {
  endpoint: "http://127.0.0.1:4566",
  name: "local",
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
} as const;
