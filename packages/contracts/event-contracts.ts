import { type Event, eventTypeOf } from "@event-pipeline/event-model/event";
import { Mapping, type MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { ValidateFunction } from "ajv";
import { helperModule } from "./helpers";
import { describeViolation } from "./violation";

/** A compiled contract, as `contracts.mjs` exports it. */
export interface CompiledContract {
  readonly version: string;
  /** SHA-256 of the contract. */
  readonly hash: string;
  /** The body of a CommonJS module that exports the validator. */
  readonly define: (module: { exports: unknown }, require: (name: string) => unknown) => void;
}

/** The exports of `contracts.mjs`, which synth writes next to the handler. */
export interface ContractsModule {
  /** SHA-256 of all contracts and the mapping. */
  readonly hash: string;
  readonly strictTypes: boolean;
  readonly mapping: readonly MappingEntry[];
  /** The contracts by event type. */
  readonly contracts: ReadonlyMap<string, CompiledContract>;
}

interface Violation {
  readonly sentence: string;
  /** JSON pointer to the rule in the contract; undefined if none could be checked. */
  readonly rule?: string | undefined;
}

/** Length of a hash in messages. */
const SHORT_HASH = 8;

/** The mapping and the contracts by which events are read and validated. */
export class EventContracts {
  /** The value without contracts and mapping. */
  static readonly NONE = new EventContracts({ hash: "", strictTypes: false, mapping: [], contracts: new Map() });

  readonly mapping: Mapping;
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly compiled: ContractsModule) {
    this.mapping = new Mapping(compiled.mapping);
  }

  /** SHA-256 of all contracts and the mapping; empty if there are none. */
  get hash(): string {
    return this.compiled.hash;
  }

  /**
   * Validates an event by the contract of its type. The contract sees the event as `JSON.parse` returns it, with numbers
   * rounded to doubles.
   *
   * @throws RefusedMessageError CONTRACT_VIOLATED, or UNKNOWN_TYPE if only types with a contract are accepted.
   */
  validate(event: Event): void {
    const type = eventTypeOf(event);
    const contract = this.compiled.contracts.get(type);
    if (!contract) {
      if (this.compiled.strictTypes) throw this.unknownType(type);
      return;
    }
    const violation = this.violationOf(type, contract, event.text);
    if (violation === undefined) return;
    const { version, hash } = contract;
    throw new RefusedMessageError(
      "CONTRACT_VIOLATED",
      `The event violates the contract ${JSON.stringify(type)}, version ${version} (${hash.slice(0, SHORT_HASH)}): ${violation.sentence}`,
      { rule: violation.rule },
    );
  }

  private violationOf(type: string, contract: CompiledContract, text: string): Violation | undefined {
    const validate = this.validators.get(type) ?? this.define(type, contract);
    const value: unknown = JSON.parse(text);
    try {
      if (validate(value)) return undefined;
      const errors = validate.errors ?? [];
      return { sentence: describeViolation(errors, value), rule: errors.at(-1)?.schemaPath };
    } catch (error) {
      // Quoting a value recurses as deep as it is nested.
      if (error instanceof RangeError) return { sentence: "it is nested too deeply to be validated." };
      throw error;
    }
  }

  /** Instantiates a validator on first use. */
  private define(type: string, { define }: CompiledContract): ValidateFunction {
    const module = { exports: {} as unknown };
    define(module, helperModule);
    const validate = module.exports as ValidateFunction;
    this.validators.set(type, validate);
    return validate;
  }

  private unknownType(type: string): RefusedMessageError {
    const known = [...this.compiled.contracts.keys()].map((name) => JSON.stringify(name));
    const MAX_NAMED = 20;
    const more = known.length > MAX_NAMED ? ` and ${known.length - MAX_NAMED} more` : "";
    return new RefusedMessageError(
      "UNKNOWN_TYPE",
      `The event's type is ${JSON.stringify(type)}, which has no contract; with strictTypes, it must be one of ${known.slice(0, MAX_NAMED).join(", ")}${more}.`,
    );
  }
}
