import { SnsError, type SnsMessageAttribute } from "../fauxqs/parts";
import { attributeProblem } from "../message-attributes";
import { elementsOf, type Form } from "./form";

export type MessageAttributes = Record<string, SnsMessageAttribute>;

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
      const problem = attributeProblem(Name, attribute);
      if (problem !== undefined)
        throw new SnsError("ParameterValueInvalid", `The message attribute '${Name}' ${problem}`);
      return [Name, attribute];
    }),
  );
}
