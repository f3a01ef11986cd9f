import { TIME_POINTERS } from "../event-time";
import { Pointers } from "../json";
import {
  ATTRIBUTE,
  DEFAULT_POINTERS,
  defaultIdentity,
  type EventIdentity,
  type IdentitySource,
  idAt,
  timeAt,
  typeAt,
} from "./identity";
import { PRESETS, type PresetName, type Reading } from "./presets";

/**
 * The places where an event's type, ID and time are found. A place is a JSON pointer, such as `/detail/kind`, or
 * `attribute:NAME` for an SNS message attribute. Of several places, the first that has a value counts.
 */
export interface MappingRule {
  readonly type: readonly string[];
  /** @default - the event's member `id` */
  readonly id?: readonly string[] | undefined;
  /** @default - the event's members `time` and `timestamp` */
  readonly time?: readonly string[] | undefined;
}

/** The name of a preset, or a rule. */
export type MappingEntry = PresetName | MappingRule;

/**
 * Finds the type, ID and time of an event. The first entry that finds a type decides. Without an entry that does, the
 * event's own members count: `type`, `id`, and `time` or `timestamp`.
 *
 * The result depends only on the envelope, so a redelivery or a replay has the same key.
 *
 * @example
 * const mapping = new Mapping(["cloudevents", { type: ["/kind"], id: ["attribute:delivery"] }]);
 * parseEvent({ message: '{"kind": "scan"}' }, { mapping }).type; // "scan"
 */
export class Mapping {
  /** A mapping without entries. */
  static readonly NONE = new Mapping([]);

  /** The values that the entries read. */
  readonly pointers: Pointers;
  private readonly readings: readonly (readonly [name: string, Reading])[];

  constructor(readonly entries: readonly MappingEntry[]) {
    this.readings = entries.flatMap((entry, index): (readonly [string, Reading])[] =>
      typeof entry === "string"
        ? PRESETS[entry].readings.map((reading) => [entry, reading] as const)
        : [[`rule ${index + 1}`, readingOf(entry)] as const],
    );
    const places = this.readings.flatMap(([, { places }]) => places);
    this.pointers = new Pointers([...DEFAULT_POINTERS, ...places.filter((place) => !place.startsWith(ATTRIBUTE))]);
  }

  identify(source: IdentitySource): EventIdentity {
    for (const [mappedBy, { read }] of this.readings) {
      const identity = read(source);
      if (identity) return { ...identity, mappedBy };
    }
    return defaultIdentity(source);
  }
}

function readingOf({ type: types, id: ids = ["/id"], time: times = TIME_POINTERS }: MappingRule): Reading {
  return {
    places: [...types, ...ids, ...times],
    read: (source) => {
      const type = typeAt(source, types);
      return type === undefined ? undefined : { type, id: idAt(source, ids), ...timeAt(source, times) };
    },
  };
}
