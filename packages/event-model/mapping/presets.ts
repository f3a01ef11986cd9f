import { type JsonMember, JsonNumber, JsonSource } from "../json";
import { type EventIdentity, type IdentitySource, idAt, timeAt, typeAt, valueAt } from "./identity";

/** One way to read an event. */
export interface Reading {
  /** The places that it reads. */
  readonly places: readonly string[];
  /** Returns the identity; undefined if the event is none that this reading claims. */
  readonly read: (source: IdentitySource) => Omit<EventIdentity, "mappedBy"> | undefined;
}

/** A condition on a value, for a reading to claim an event. */
type Condition = (value: JsonMember | undefined) => boolean;

interface PresetReading {
  /** The conditions by place. All must hold, so that a look-alike is left alone. */
  readonly when: Readonly<Record<string, Condition>>;
  readonly type: string;
  /** The places whose values are the ID, joined with slashes. An absent value is an empty part. @default - none, so the ID is SNS's MessageId */
  readonly id?: readonly string[];
  /** @default - none, so the time is SNS's */
  readonly time?: readonly string[];
  /** The place of the value within which the ID is unique. @default - none, or the event's text has it */
  readonly scope?: string;
}

const isText: Condition = (value) => typeof value === "string" && value !== "";
const isObject: Condition = (value) => value instanceof JsonSource && value.source.startsWith("{");
const is =
  (...texts: readonly string[]): Condition =>
  (value) =>
    texts.includes(value as string);
const matches =
  (pattern: RegExp): Condition =>
  (value) =>
    typeof value === "string" && pattern.test(value);

const RECORD = "/Records/0";
/** Every call of Segment's specification has at least one of these. */
const SEGMENT_USERS = ["/userId", "/anonymousId"];

function preset(description: string, ...readings: readonly PresetReading[]) {
  return { description, readings: readings.map(readingOf) };
}

/** The presets by name. */
export const PRESETS = {
  /** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
  cloudevents: preset(
    "CloudEvents 1.x, structured, or binary in message attributes that begin with `ce-`",
    {
      when: { "attribute:ce-specversion": matches(/^1\./), "attribute:ce-id": isText, "attribute:ce-source": isText },
      type: "attribute:ce-type",
      id: ["attribute:ce-id"],
      time: ["attribute:ce-time"],
      scope: "attribute:ce-source",
    },
    {
      when: { "/specversion": matches(/^1\./), "/id": isText, "/source": isText },
      type: "/type",
      id: ["/id"],
      time: ["/time"],
    },
  ),
  /** @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
  eventbridge: preset("events of Amazon EventBridge", {
    when: { "/version": is("0"), "/source": isText, "/account": isText, "/detail": isObject },
    type: "/detail-type",
    id: ["/id"],
    time: ["/time"],
  }),
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
  "s3-notification": preset(
    "notifications of Amazon S3, by their first record",
    {
      when: { [`${RECORD}/eventSource`]: is("aws:s3") },
      type: `${RECORD}/eventName`,
      id: [
        `${RECORD}/s3/bucket/name`,
        `${RECORD}/s3/object/key`,
        `${RECORD}/s3/object/versionId`,
        `${RECORD}/s3/object/sequencer`,
      ],
      time: [`${RECORD}/eventTime`],
    },
    // S3 sends this event when the notification is configured.
    { when: { "/Service": is("Amazon S3"), "/Bucket": isText }, type: "/Event", id: ["/RequestId"], time: ["/Time"] },
  ),
  /** @see https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers */
  github: preset("GitHub's webhooks, whose headers are message attributes", {
    when: { "attribute:X-GitHub-Delivery": isText },
    type: "attribute:X-GitHub-Event",
    id: ["attribute:X-GitHub-Delivery"],
  }),
  /** @see https://docs.stripe.com/api/events/object */
  stripe: preset(
    "events of Stripe, of API v1 and v2",
    {
      when: { "/object": is("event"), "/id": matches(/^evt_/), "/data": isObject },
      type: "/type",
      id: ["/id"],
      time: ["/created"],
    },
    {
      when: { "/object": is("v2.core.event"), "/id": matches(/^evt_/) },
      type: "/type",
      id: ["/id"],
      time: ["/created"],
    },
  ),
  /** @see https://segment.com/docs/connections/spec/common/ */
  segment: preset(
    "calls of Segment's specification; a `track` call is named by its `event`",
    ...SEGMENT_USERS.flatMap((user): readonly PresetReading[] => {
      const call = { "/messageId": isText, [user]: isText };
      const places = { id: ["/messageId"], time: ["/timestamp"] };
      return [
        { when: { ...call, "/type": is("track") }, type: "/event", ...places },
        { when: { ...call, "/type": is("identify", "page", "screen", "group", "alias") }, type: "/type", ...places },
      ];
    }),
  ),
};

export type PresetName = keyof typeof PRESETS;

function readingOf({ when, type: typePlace, id: ids = [], time: times = [], scope }: PresetReading): Reading {
  const conditions = Object.entries(when);
  return {
    places: [...Object.keys(when), typePlace, ...ids, ...times],
    read: (source) => {
      if (!conditions.every(([place, condition]) => condition(valueAt(source, place)))) return undefined;
      const type = typeAt(source, [typePlace]);
      if (type === undefined) return undefined;
      const id = joined(ids.map((place) => idAt(source, [place])));
      return { type, id, ...timeAt(source, times), scope: scope && textOf(valueAt(source, scope)) };
    },
  };
}

/** Keeps an absent part as an empty one, so that the others stay in their places. */
function joined(parts: readonly (JsonMember | undefined)[]): JsonMember | undefined {
  if (parts.length < 2 || parts.every((part) => part === undefined)) return parts[0];
  return parts.map((part) => textOf(part) ?? "").join("/");
}

function textOf(part: JsonMember | undefined): string | undefined {
  if (part instanceof JsonNumber) return part.source;
  return typeof part === "string" ? part : undefined;
}
