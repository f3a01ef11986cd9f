import { listCommand } from "./cli-command";
import { CopyButton } from "./controls";
import { formatCount } from "./format";
import { type ListFilter, NO_FILTER, queryOf, STATUSES } from "./list-filter";
import type { PageState } from "./page-state";

const MAX_SUGGESTED_TYPES = 100;

export function FilterBar({ state }: { readonly state: PageState }) {
  const { filter, events, hello } = state;
  const isFiltered = queryOf(filter) !== "";
  const set = (change: Partial<ListFilter>) => state.setFilter({ ...filter, ...change });
  const input = (name: "type" | "id" | "text", label: string, list?: string) => (
    <label class={`field field-${name}`}>
      <b class="note">{label}</b>
      <input
        type="search"
        value={filter[name]}
        list={list}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
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
        <select value={filter.status} onChange={({ currentTarget }) => set({ status: currentTarget.value })}>
          <option value="">Any</option>
          {Object.entries(STATUSES).map(([status, name]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {input("text", "Text")}
      <p class="shown muted">
        {formatCount(events.shown.length)}
        {isFiltered && ` of ${formatCount(events.size)}`} events
      </p>
      {isFiltered && (
        <button type="button" onClick={() => state.setFilter(NO_FILTER)}>
          Clear
        </button>
      )}
      {hello && <CopyButton text={listCommand(filter, hello.cliOptions)} label="Copy command" />}
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
