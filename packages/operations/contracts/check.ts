export {
  type ContractComparison,
  compareSets,
  type SetComparison,
} from "@event-pipeline/contracts/compatibility/compare";
