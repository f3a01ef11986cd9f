import { canPersist } from "../../storage/node-sqlite";
import { FolderStorage } from "../../storage/storage";

const testOldNode = canPersist ? test.skip : test;

testOldNode("refuses a folder before Node.js 22.13, and says how to continue", () => {
  const open = () =>
    FolderStorage.open("data", (error) => {
      throw error;
    });
  expect(open).toThrow(/^A data folder needs Node.js 22.13 or newer .* Omit it to keep data in memory\.$/);
});
