import { listCommand } from "./cli-command";
import { CopyButton } from "./copy-button";
import { type Filter, NO_FILTER, queryOf, STATUSES } from "./filter";
import { count } from "./format";
import type { Session } from "./session";

/** Types that the input offers. */
const OFFERED_TYPES = 100;

export function FilterBar({ session }: { readonly session: Session }) {
  const { filter, events, hello } = session;
  const set = (change: Partial<Filter>) => session.setFilter({ ...filter, ...change });
  const input = (name: "type" | "id" | "text", label: string, list?: string) => (
    <label class={`field field-${name}`}>
      <span>{label}</span>
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
    <search class="filters" aria-label="Filter of the list">
      {input("type", "Type", "types")}
      <datalist id="types">
        {events.types(OFFERED_TYPES).map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      {input("id", "Id")}
      <label class="field field-status">
        <span>Status</span>
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
      <p class="shown">
        {count(events.shown.length)}
        {queryOf(filter) !== "" && ` of ${count(events.size)}`} events
      </p>
      {queryOf(filter) !== "" && (
        <button type="button" onClick={() => session.setFilter(NO_FILTER)}>
          Clear
        </button>
      )}
      {hello && <CopyButton text={listCommand(filter, hello.cliOptions)} label="Copy as CLI" />}
      <button
        type="button"
        class="pause"
        aria-pressed={events.isHeld}
        onClick={() => (events.isHeld ? session.release() : session.hold())}
      >
        {events.isHeld ? "Resume" : "Pause"}
      </button>
    </search>
  );
}
