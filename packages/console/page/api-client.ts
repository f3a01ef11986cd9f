import {
  type DeadLetters,
  type ErrorAnswer,
  type EventDetail,
  eventPath,
  type PublishAnswer,
  type PublishRequest,
  type RedriveAnswer,
  type RedriveRequest,
  type SampleEvent,
} from "../api";

/** What the page asks the server, beside the stream. */
export class ApiClient {
  constructor(private readonly token: () => string | undefined) {}

  samples(): Promise<readonly SampleEvent[]> {
    return this.ask("/api/samples");
  }

  /** @returns undefined for an event that is no longer kept. */
  async detail(messageId: string): Promise<EventDetail | undefined> {
    try {
      return await this.ask<EventDetail>(eventPath(messageId));
    } catch (error) {
      if (error instanceof AnswerError && error.status === 404) return undefined;
      throw error;
    }
  }

  search(text: string): Promise<readonly string[]> {
    return this.ask(`/api/search?${new URLSearchParams({ text })}`);
  }

  publish(request: PublishRequest): Promise<PublishAnswer> {
    return this.ask("/api/publish", request);
  }

  lookAtDeadLetters(): Promise<DeadLetters> {
    return this.ask("/api/dlq/look", {});
  }

  redrive(request: RedriveRequest): Promise<RedriveAnswer> {
    return this.ask("/api/dlq/redrive", request);
  }

  private async ask<Answer>(path: string, body?: object): Promise<Answer> {
    const token = this.token();
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause) => {
      throw new Error("The pipeline's page server does not answer. Is the run still there?", { cause });
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new AnswerError(response.status, (answer as ErrorAnswer).error);
    return answer as Answer;
  }
}

/** An answer that is a refusal. */
class AnswerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
