import { MemoryStorage } from "../../storage/storage";

test("keeps the values of each table in their order, and waits for nothing", () => {
  const storage = new MemoryStorage();
  const table = storage.table<number>();
  for (const [index, key] of ["b", "a", "__proto__", ""].entries()) table.set(key, index);
  table.set("b", 9);
  expect([table.delete("a"), table.delete("a")]).toEqual([true, false]);
  expect([[...table.keys()], [...table.values()], table.size]).toEqual([["b", "__proto__", ""], [9, 2, 3], 3]);
  expect([table.get("a"), table.has("a"), table.has("__proto__")]).toEqual([undefined, false, true]);
  expect(storage.flush()).toBeUndefined();
});
