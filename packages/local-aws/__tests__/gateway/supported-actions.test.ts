import { actionList, serviceList } from "../../gateway/supported-actions";
import { SERVICES, SUPPORTED_ACTIONS_TEXT } from "../../services";

test("--help lists every action, within 80 columns", () => {
  for (const { name, actions } of SERVICES) {
    expect(SUPPORTED_ACTIONS_TEXT).toMatch(new RegExp(`^ {2}${name} `, "m"));
    for (const action of Object.keys(actions)) expect(SUPPORTED_ACTIONS_TEXT).toMatch(new RegExp(`\\b${action}\\b`));
  }
  expect(SUPPORTED_ACTIONS_TEXT.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("each action is an operation of its service, and has its name", () => {
  for (const { actions, schemas } of SERVICES) {
    expect(Object.keys(schemas.operations)).toEqual(expect.arrayContaining(Object.keys(actions)));
  }
});

test("each difference from AWS is a sentence's end, which fits into a cell of a table", () => {
  const differences = SERVICES.flatMap(({ actions }) => Object.values(actions).flatMap(({ differs }) => differs ?? []));
  expect(differences.filter((text) => /^[A-Z][a-z]|[.\n|]$|\n|\|/.test(text))).toEqual([]);
});

test("lists actions and services in a sentence", () => {
  const sqs = { name: "SQS", actions: { CreateQueue: {} as never, SendMessage: {} as never } };
  expect(actionList(sqs)).toBe("Supported SQS actions: CreateQueue and SendMessage.");
  expect(serviceList([{ definition: sqs }])).toBe(
    "Supported services: SQS. To list their actions, run npm start -- --help.",
  );
});
