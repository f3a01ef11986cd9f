import { SqsError } from "../fauxqs/parts";

/** Type-checked parameters. In AWS's protocols, null means that a parameter is missing. */
export type SqsInput<Name extends string, Value> = Readonly<Partial<Record<Name, Value | null>>>;

export function required<Name extends string>(input: SqsInput<Name, string>, name: Name): string {
  const value = input[name];
  if (value) return value;
  throw new SqsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

export function inRange<Name extends string>(
  input: SqsInput<Name, number>,
  name: Name,
  min: number,
  max: number,
): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || (value >= min && value <= max)) return value;
  throw new SqsError(
    "InvalidParameterValue",
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`,
  );
}
