/** `text` as Terraform is to take it: `${` and `%{` would otherwise begin an expression of its own. */
export function terraformLiteral(text: string): string {
  return text.replaceAll("${", "$$${").replaceAll("%{", "%%{");
}
