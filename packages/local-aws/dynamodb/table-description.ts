/** The members of a table's or an index's description from which newer members follow. */
interface Described {
  readonly ProvisionedThroughput?: { readonly ReadCapacityUnits: number; readonly WriteCapacityUnits: number };
}

interface DescribedTable extends Described {
  readonly GlobalSecondaryIndexes?: readonly Described[];
}

interface TableOutput {
  readonly Table?: DescribedTable;
  readonly TableDescription?: DescribedTable;
}

/**
 * Returns an output with the members of a table's description that are newer than dynalite.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
 */
export function withNewerMembers(output: TableOutput): object {
  const { Table, TableDescription } = output;
  return {
    ...output,
    ...(Table && { Table: newer(Table) }),
    ...(TableDescription && { TableDescription: newer(TableDescription) }),
  };
}

function newer(table: DescribedTable): object {
  const { GlobalSecondaryIndexes } = table;
  return {
    ...warm(table),
    ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(warm) }),
    DeletionProtectionEnabled: false,
  };
}

/**
 * Adds the throughput that is available at once: what is provisioned, or that of a new on-demand table.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html
 */
function warm<Description extends Described>(description: Description) {
  const { ReadCapacityUnits, WriteCapacityUnits } = description.ProvisionedThroughput ?? {};
  const WarmThroughput = {
    ReadUnitsPerSecond: ReadCapacityUnits || 12_000,
    WriteUnitsPerSecond: WriteCapacityUnits || 4_000,
    Status: "ACTIVE",
  };
  return { ...description, WarmThroughput };
}
