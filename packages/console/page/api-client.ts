import {
  type ApiErrorBody,
  type DeadLetters,
  type EventDetail,
  eventPath,
  type PublishRequest,
  type PublishResponse,
  type RedriveRequest,
  type RedriveResponse,
  type SampleEvent,
} from "../api";

/** Calls the server's API. The stream has its own class, Connection. */
export class ApiClient {
  constructor(private readonly token: () => string | undefined) {}

  samples(): Promise<readonly SampleEvent[]> {
    return this.fetch("/api/samples");
  }

  /** Returns undefined if the server no longer keeps the event. */
  async detail(messageId: string): Promise<EventDetail | undefined> {
    try {
      return await this.fetch<EventDetail>(eventPath(messageId));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  search(text: string): Promise<readonly string[]> {
    return this.fetch(`/api/search?${new URLSearchParams({ text })}`);
  }

  publish(request: PublishRequest): Promise<PublishResponse> {
    return this.fetch("/api/publish", request);
  }

  peekDeadLetters(): Promise<DeadLetters> {
    return this.fetch("/api/dlq/peek", {});
  }

  redrive(request: RedriveRequest): Promise<RedriveResponse> {
    return this.fetch("/api/dlq/redrive", request);
  }

  private async fetch<Result>(path: string, body?: object): Promise<Result> {
    const token = this.token();
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause) => {
      throw new Error("The server does not respond. Check that it is still running.", { cause });
    });
    const result: unknown = await response.json();
    if (!response.ok) throw new ApiError(response.status, (result as ApiErrorBody).error);
    return result as Result;
  }
}

/** An error response of the server. */
class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
