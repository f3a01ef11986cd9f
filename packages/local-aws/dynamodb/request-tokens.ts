import { createHash } from "node:crypto";
import type { Clock } from "../clock";
import { AwsError } from "../protocols/aws-error";

/** Time that DynamoDB knows a token. */
const KNOWN_MS = 600_000;

/** Maximum length of a token in DynamoDB. */
const MAX_LENGTH = 36;

/** Tokens of requests, each of which takes effect only once. */
export class RequestTokens {
  private readonly byToken = new Map<
    string,
    { readonly digest: string; readonly at: number; readonly output: Promise<object> }
  >();

  constructor(private readonly clock: Clock) {}

  /**
   * Calls `work`, unless it was called for the token within the last 10 minutes.
   *
   * @param request - The same for a repeated request.
   * @throws AwsError when the token is not valid, or belongs to another request.
   */
  async once(token: unknown, request: string, work: () => Promise<object>): Promise<object> {
    if (typeof token !== "string" || token === "" || token.length > MAX_LENGTH) {
      const message = `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to ${MAX_LENGTH} and greater than or equal to 1`;
      throw new AwsError("ValidationException", message);
    }
    const at = this.clock.now();
    const digest = createHash("sha256").update(request).digest("base64"); // A request may have 4 MiB.
    for (const [old, { at: since }] of this.byToken) {
      if (at - since < KNOWN_MS) break;
      this.byToken.delete(old);
    }
    const known = this.byToken.get(token);
    if (known && known.digest !== digest) {
      const message = `The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical.`;
      throw new AwsError("IdempotentParameterMismatchException", message);
    }
    if (known) return known.output;
    const output = work();
    this.byToken.set(token, { digest, at, output });
    output.catch(() => this.byToken.delete(token));
    return output;
  }
}
