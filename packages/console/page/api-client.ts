import type {
  ApiErrorBody,
  Contracts,
  DeadLetters,
  EventDetail,
  PublishRequest,
  PublishResponse,
  RedriveRequest,
  RedriveResponse,
  SampleEvent,
  Verdict,
} from "../api";

/** Calls the server's API. The stream has its own class, Connection. */
export class ApiClient {
  /** @param token - Token of the printed URL; undefined until the local run sends its token in the stream. */
  constructor(public token: string | undefined) {}

  /** Headers that authorize a request. */
  get authorization(): Readonly<Record<string, string>> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  samples(): Promise<readonly SampleEvent[]> {
    return this.fetch("/api/samples");
  }

  contracts(): Promise<Contracts> {
    return this.fetch("/api/contracts");
  }

  detail(messageId: string): Promise<EventDetail> {
    return this.fetch(`/api/events/${encodeURIComponent(messageId)}`);
  }

  search(text: string): Promise<readonly string[]> {
    return this.fetch(`/api/search?${new URLSearchParams({ text })}`);
  }

  publish(request: PublishRequest): Promise<PublishResponse> {
    return this.fetch("/api/publish", request);
  }

  verdict(request: PublishRequest): Promise<Verdict> {
    return this.fetch("/api/verdict", request);
  }

  peekDeadLetters(): Promise<DeadLetters> {
    return this.fetch("/api/dlq/peek", {});
  }

  redrive(request: RedriveRequest): Promise<RedriveResponse> {
    return this.fetch("/api/dlq/redrive", request);
  }

  /** @param body - Body of a POST request. @default - a GET request */
  private async fetch<Result>(path: string, body?: object): Promise<Result> {
    const post = body && { method: "POST", body: JSON.stringify(body) };
    const headers = { ...this.authorization, ...(body && { "content-type": "application/json" }) };
    const response = await fetch(path, { ...post, headers }).catch((cause) => {
      throw new Error("The server does not respond. Check that it is still running.", { cause });
    });
    const result: unknown = await response.json();
    if (!response.ok) throw new Error((result as ApiErrorBody).error);
    return result as Result;
  }
}
