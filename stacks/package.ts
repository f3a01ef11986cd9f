// The exports of the published package.
export { EventPipeline } from "./event-pipeline";
export type { EventPipelineProps, QueueSubscriberProps } from "./event-pipeline-props";
export { handlerBundle, MissingBundleError } from "./handler-bundle";
export { InvalidOptionsError } from "./options/invalid-options-error";
export { DEFAULT_OPTIONS, type GivenPipelineOptions, type PipelineOptions } from "./options/pipeline-options";
export type { PolicyStatement } from "./policy-document";
