import { Pipeline } from "@event-pipeline/operations/pipeline";

/** Returns the response to a command, such as `FilterLogEvents`, or throws an error. */
export type FakeAnswer = (action: string, input: Readonly<Record<string, unknown>>) => object;

/** A pipeline whose clients send no requests. A test's virtual clock can therefore advance while it waits. */
export function fakePipeline(answer: FakeAnswer): Pipeline {
  const pipeline = new Pipeline({ name: "fake", region: "eu-central-1" });
  const send = async (command: { readonly input: Readonly<Record<string, unknown>> }) =>
    answer(command.constructor.name.replace(/Command$/, ""), command.input);
  // The SDK's paginators accept only instances of the client's class.
  pipeline.client = (ClientClass) => Object.assign(Object.create(ClientClass.prototype), { send });
  return pipeline;
}

/** Returns an error as the SDK throws it. */
export function awsError(name: string): Error {
  return Object.assign(new Error("no reason"), { name });
}
