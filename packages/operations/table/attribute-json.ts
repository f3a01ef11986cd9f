import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/**
 * Returns a value as JSON with every digit of its numbers, binary data in base64, and sets as arrays. Recursion is safe,
 * because DynamoDB allows at most 32 levels.
 */
export function attributeJson({ S, N, BOOL, L, M, B, SS, NS, BS }: AttributeValue): string {
  if (S !== undefined) return JSON.stringify(S);
  if (N !== undefined) return N;
  if (BOOL !== undefined) return String(BOOL);
  if (B !== undefined) return JSON.stringify(Buffer.from(B).toString("base64"));
  if (M) return `{${Object.entries(M).map(([name, value]) => `${JSON.stringify(name)}:${attributeJson(value)}`)}}`;
  const list =
    L ?? SS?.map((text) => ({ S: text })) ?? NS?.map((text) => ({ N: text })) ?? BS?.map((bytes) => ({ B: bytes }));
  return list ? `[${list.map(attributeJson)}]` : "null";
}
