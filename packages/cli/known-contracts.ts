import type { CurrentContracts } from "@event-pipeline/operations/deployed-contracts";
import { NotRunningError } from "@event-pipeline/operations/errors";
import type { CommandSession } from "./action";

/**
 * Reads the deployed contracts. If they cannot be read, prints why, and returns undefined.
 *
 * @param consequence - What the command does without them, for the note.
 * @throws CredentialsError if the credentials are rejected, and NotRunningError if nothing runs at the endpoint.
 */
export async function knownContracts(
  { pipeline, output, signal }: CommandSession,
  consequence: string,
): Promise<CurrentContracts | undefined> {
  const { currentContracts } = await import("@event-pipeline/operations/deployed-contracts");
  const { areCredentialsRefused, readSource } = await import("@event-pipeline/operations/reading");
  const reading = await readSource(() => currentContracts(pipeline(), signal), pipeline().description, signal);
  if (reading.state === "there") return reading.value;
  if (reading.state === "not known") {
    if (areCredentialsRefused(reading.error) || reading.error instanceof NotRunningError) throw reading.error;
    output.note(`The deployed contracts are not known, so ${consequence}. ${reading.error.message}`);
  }
  return undefined;
}
