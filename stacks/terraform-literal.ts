import { Token } from "cdktf";

/** `text` as Terraform is to take it: `${` and `%{` would otherwise begin an expression of its own. A token is one on purpose. */
export function terraformLiteral(text: string): string {
  if (Token.isUnresolved(text)) return text;
  return text.replaceAll("${", "$$${").replaceAll("%{", "%%{");
}
