import type { PersistenceManager, SqsStore } from "../fauxqs/parts";
import { atomically } from "../sqs/atomically";
import { emptyFormerIntake } from "./former-intake";
import { Intake } from "./intake";
import { IntakeTable } from "./intake-table";

/**
 * Where the records of delivery streams wait until they are in S3. Nobody sees
 * it from outside, as nobody sees into Firehose.
 */
export class Intakes {
  private readonly byArn = new Map<string, Intake>();
  private readonly table: IntakeTable | undefined;
  private lastId: number;

  /** @param persistence - Keeps the records; without it they are in memory alone. */
  constructor(
    private readonly persistence: PersistenceManager | undefined,
    private readonly sqs: SqsStore,
  ) {
    this.table = persistence && new IntakeTable(persistence);
    this.lastId = this.table?.lastId() ?? 0;
  }

  /** The intake of a stream, with what an earlier run left in it. */
  open(streamArn: string): Intake {
    const known = this.byArn.get(streamArn);
    if (known) return known;
    const intake = new Intake(streamArn, this.table, () => ++this.lastId);
    this.byArn.set(streamArn, intake);
    atomically(this.persistence, () => emptyFormerIntake(this.sqs, streamArn, (record) => intake.add(record)));
    return intake;
  }

  has(streamArn: string): boolean {
    return this.byArn.has(streamArn);
  }

  get arns(): readonly string[] {
    return [...this.byArn.keys()];
  }

  /**
   * Why the stream cannot take each of the records; undefined for those that it
   * has, which it has on disk too.
   */
  putAll(streamArn: string, records: readonly string[]): (string | undefined)[] {
    return atomically(this.persistence, () => records.map((record) => this.put(streamArn, record)));
  }

  /** Why the stream cannot take the record; undefined when it has it. To be called within `atomically`. */
  put(streamArn: string, record: string): string | undefined {
    const intake = this.byArn.get(streamArn);
    return intake ? intake.put(record) : `there is no delivery stream ${streamArn}`;
  }
}
