import { SnsError, type SnsMessageAttribute } from "../fauxqs/parts";
import { elementsOf, type Form } from "./form";

export type MessageAttributes = Record<string, SnsMessageAttribute>;

const MAX_NAME_LENGTH = 256;
/** As Java reads a number. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The attributes of a message.
 *
 * @throws SnsError ParameterValueInvalid, naming the one that SNS would refuse.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export function messageAttributesOf(form: Form): MessageAttributes {
  return Object.fromEntries(
    elementsOf(form, "MessageAttributes.entry").map((element) => {
      const { Name = "", "Value.DataType": DataType = "" } = element;
      const { "Value.StringValue": StringValue, "Value.BinaryValue": BinaryValue } = element;
      const attribute = {
        DataType,
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      };
      const problem = nameProblem(Name) ?? valueProblem(attribute);
      if (problem !== undefined)
        throw new SnsError("ParameterValueInvalid", `The message attribute '${Name}' ${problem}`);
      return [Name, attribute];
    }),
  );
}

function nameProblem(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name) || name.length > MAX_NAME_LENGTH) {
    return `must have a name of 1 to ${MAX_NAME_LENGTH} letters, digits, hyphens, underscores and dots.`;
  }
  if (/^\.|\.\.|\.$/.test(name)) return "must have a name without a dot at either end, and without two in a row.";
  return /^(?:aws|amazon)\./i.test(name) ? "must not have a name that begins with AWS. or Amazon." : undefined;
}

function valueProblem({ DataType, StringValue, BinaryValue }: SnsMessageAttribute): string | undefined {
  const [type = ""] = DataType.split(".");
  if (!["String", "Number", "Binary"].includes(type)) {
    return `has the type '${DataType}'. It must begin with String, Number or Binary.`;
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (!value) return `must have a value that is not empty, as its type is '${DataType}'.`;
  return DataType === "Number" && !NUMBER.test(value)
    ? `has the value '${value}', which is no number, and its type is 'Number'.`
    : undefined;
}
