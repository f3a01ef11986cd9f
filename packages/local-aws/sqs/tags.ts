import { AwsError } from "../protocols/aws-error";

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
/** Matches letters, digits, spaces and `+ - = . _ : / @`. */
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws AwsError when the tags of a queue are invalid. */
export function validateTags(tags: Readonly<Record<string, string>>): void {
  const invalid = (message: string) => new AwsError("InvalidParameterValue", message);
  if (Object.keys(tags).length > MAX_TAGS) throw invalid(`Too many tags added for queue: the limit is ${MAX_TAGS}.`);
  for (const [key, value] of Object.entries(tags)) {
    if (key === "" || key.length > MAX_KEY_LENGTH || !TEXT.test(key) || /^aws:/i.test(key)) {
      throw invalid(
        `Invalid tag key "${key.slice(0, MAX_KEY_LENGTH)}": expected 1 to ${MAX_KEY_LENGTH} letters, digits, spaces and _.:/=+-@, without the prefix aws:.`,
      );
    }
    if (value.length > MAX_VALUE_LENGTH || !TEXT.test(value)) {
      throw invalid(
        `Invalid value of the tag "${key}": expected at most ${MAX_VALUE_LENGTH} letters, digits, spaces and _.:/=+-@.`,
      );
    }
  }
}
