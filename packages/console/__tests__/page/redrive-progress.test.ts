import { deadLettersBefore, redriveProgress } from "../../page/redrive-progress";
import { rowWith } from "./event-rows";

test("follows redriven events until they are stored or dead letters again", () => {
  const dead = [1, 2, 3].map((seq) => rowWith({ seq, status: "dead", deadLetters: seq }));
  const before = deadLettersBefore(dead);
  expect(redriveProgress(before, dead)).toEqual({ stored: 0, deadAgain: [], waiting: 3 });
  const bounced = rowWith({ seq: 2, status: "dead", deadLetters: 3 });
  const now = [rowWith({ seq: 1, status: "stored", deadLetters: 1 }), bounced, rowWith({ seq: 3, deadLetters: 3 })];
  expect(redriveProgress(before, now)).toEqual({ stored: 1, deadAgain: [bounced], waiting: 1 });
});
