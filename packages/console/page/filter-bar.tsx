import { listCommand } from "./cli-command";
import { CopyButton } from "./controls";
import { formatCount } from "./format";
import { NO_FILTER, queryOf, STATUSES } from "./list-filter";
import type { PageState } from "./page-state";

const MAX_SUGGESTED_TYPES = 100;
const NO_COMMAND =
  "No command shows exactly these events. There is one for a single event, and one for the dead letters in the queue.";
/** ID of the first field. */
export const FILTER_START = "filter-type";

export function FilterBar({ state }: { readonly state: PageState }) {
  const { filter, events, hello, update } = state;
  const isFiltered = queryOf(filter) !== "";
  const { deadLetterQueue } = update?.depths ?? {};
  const deadLetters = deadLetterQueue && deadLetterQueue.waiting + deadLetterQueue.inFlight;
  const command = hello && listCommand(filter, events.shown, deadLetters, hello.cliOptions);
  const input = (name: "type" | "id" | "text", label: string, list?: string) => (
    <label class={`field field-${name}`}>
      <b class="note">{label}</b>
      <input
        id={`filter-${name}`}
        type="search"
        value={filter[name]}
        list={list}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => state.setFilter({ ...filter, [name]: currentTarget.value }, true)}
      />
    </label>
  );
  return (
    <search class="filters bar" aria-label="Event filter">
      {input("type", "Type", "types")}
      <datalist id="types">
        {events.types(MAX_SUGGESTED_TYPES).map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      {input("id", "ID")}
      <label class="field">
        <b class="note">Status</b>
        <select
          value={filter.status}
          onChange={({ currentTarget }) => state.setFilter({ ...filter, status: currentTarget.value })}
        >
          <option value="">Any</option>
          {Object.entries(STATUSES).map(([status, name]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {input("text", "Text")}
      <p class="shown note">
        {formatCount(events.shown.length)}
        {isFiltered && ` of ${formatCount(events.size)}`} events
        {events.newCount > 0 && <b class="toned warn">{formatCount(events.newCount)} new</b>}
      </p>
      {isFiltered && (
        <button type="button" onClick={() => state.setFilter(NO_FILTER)}>
          Clear
        </button>
      )}
      {hello && <CopyButton text={command} label="Copy command" title={command ?? NO_COMMAND} />}
      <button
        type="button"
        class="pause warn"
        aria-pressed={events.isPaused}
        onClick={() => (events.isPaused ? state.resume() : state.pause())}
      >
        {events.isPaused ? "Resume" : "Pause"}
      </button>
    </search>
  );
}
