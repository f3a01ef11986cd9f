// Runs under Node.js 22.13 or newer (npm run test:data): node:sqlite opens the folder.
import { randomUUID } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CreateTableCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { clientsFor } from "../clients";
import { SteppedClock } from "../clock";
import { DiskError } from "../errors";
import { startLocalAws } from "../local-aws";
import { openDatabase } from "../storage/node-sqlite";

const OBJECT = { Bucket: "photos", Key: "a.jpg" };

let folder: string;
let sample: string;

/** Returns all paths in a folder, with the contents of files. */
function contents(root: string): Record<string, string> {
  const found = readdirSync(root, { recursive: true }).map((name) => {
    const path = join(root, String(name));
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
    return [name, stat.isFile() ? readFileSync(path, "hex") : "folder"];
  });
  return Object.fromEntries(found);
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function startError(path = folder): Promise<Error> {
  const aws = await startLocalAws({ folder: path }).catch((error: Error) => error);
  if (aws instanceof Error) return aws;
  await aws.stop();
  throw new Error(`The folder ${path} was accepted.`);
}

/** Expects that a start changes nothing, and that its error is one line with a cause and an instruction. */
async function expectRefused(message: RegExp): Promise<void> {
  const before = contents(folder);
  const error = await startError();
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain("\n");
  expect(contents(folder)).toEqual(before);
}

beforeAll(async () => {
  sample = mkdtempSync(join(tmpdir(), "sample-"));
  const aws = await startLocalAws({ folder: sample });
  const { s3, dynamodb } = clientsFor(aws.endpoint, aws.region);
  await s3.send(new CreateBucketCommand({ Bucket: OBJECT.Bucket }));
  await s3.send(new PutObjectCommand({ ...OBJECT, Body: "precious" }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: "table",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "p", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "p", KeyType: "HASH" }],
    }),
  );
  await aws.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const removeDatabase = () => {
  for (const name of readdirSync(folder)) if (name.startsWith("services.sqlite")) rmSync(join(folder, name));
};
const useSample = () => cpSync(sample, folder, { recursive: true });

test.each<[string, Record<string, string>, string]>([
  ["a home folder", { ".bashrc": "x", "Documents/a.txt": "x", "notes.txt": "x" }, '".bashrc" and 2 more'],
  ["a project", { "package.json": "{}", "dynamodb/seed.json": "[]", "s3/photo.jpg": "x" }, '"dynamodb" and 2 more'],
  ["a folder with s3", { "s3/photo.jpg": "precious" }, '"s3"'],
  ["a folder with dynamodb", { "dynamodb/000003.log": "precious" }, '"dynamodb"'],
  ["a folder with a process ID", { "run.pid": "1" }, '"run.pid"'],
  ["a log without its database", { "services.sqlite-wal": "commits" }, '"services.sqlite-wal"'],
  ["an empty database", { "services.sqlite": "", [`s3/${randomUUID()}`]: "precious" }, '"s3"'],
  ["an empty database with a log", { "services.sqlite": "", "services.sqlite-wal": "x" }, '"services.sqlite-wal"'],
])("leaves %s as it is", async (_name, files, found) => {
  write(files);
  await expectRefused(
    new RegExp(`contains ${found}, but no data in "services.sqlite": choose a new or empty folder, or `),
  );
});

test("leaves the objects and tables of a folder that has lost its database", async () => {
  useSample();
  removeDatabase();
  await expectRefused(/contains "dynamodb" and 2 more, but no data in "services.sqlite"/);
  writeFileSync(join(folder, "services.sqlite"), "");
  await expectRefused(/contains "dynamodb" and 2 more, but no data in "services.sqlite"/);
});

test.each(["dynamodb", "s3"])("says what is missing in a copy without %s", async (name) => {
  useSample();
  rmSync(join(folder, name), { recursive: true });
  expect(await startError()).toBeInstanceOf(DiskError);
  expect((await startError()).message).toMatch(new RegExp(`in the folder ".*/${name}" is damaged: .* missing`));
});

test("leaves a database of another program as it is", async () => {
  for (const setting of ["", "PRAGMA user_version = 1", "PRAGMA user_version = 7", "PRAGMA journal_mode = WAL"]) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const database = openDatabase(join(folder, "services.sqlite"));
    database.exec(`CREATE TABLE invoices (id); INSERT INTO invoices VALUES (1); ${setting}`);
    database.close();
    await expectRefused(
      /^The file "services.sqlite" in the folder ".*" is of another program: choose another folder\.$/,
    );
  }
});

test("leaves a folder of an earlier version as it is", async () => {
  write({ "fauxqs.db": "x", "s3/bucket/key": "precious" });
  await expectRefused(
    /is of a former version of this program, which this version cannot read: choose another folder\.$/,
  );
});

test("removes no file that it did not create, and reads the data next to it", async () => {
  useSample();
  write({ "photo.jpg": "x", "s3/photo.jpg": "x", [`s3/${randomUUID()}/a`]: "x", "dynamodb/notes.txt": "x" });
  symlinkSync(join(folder, "photo.jpg"), join(folder, "s3", randomUUID()));
  const before = contents(folder);
  const aws = await startLocalAws({ folder });
  const { s3, dynamodb } = clientsFor(aws.endpoint, aws.region);
  const { Body } = await s3.send(new GetObjectCommand(OBJECT));
  expect(await Body?.transformToString()).toBe("precious");
  expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual(["table"]);
  await aws.stop();
  const ours = /^(?:services\.sqlite.*|run\.pid|dynamodb\/(?:\d+\..*|LOG.*|MANIFEST.*|CURRENT))$/;
  const others = Object.entries(before).filter(([name]) => !ours.test(name));
  expect(others.length).toBeGreaterThan(8);
  expect(contents(folder)).toMatchObject(Object.fromEntries(others));
});

test("uses an empty folder with files of the system, a new folder, and a link to a folder", async () => {
  write({ ".DS_Store": "x", "lost+found/a": "x" });
  const link = join(mkdtempSync(join(tmpdir(), "link-")), "link");
  symlinkSync(folder, link);
  for (const path of [folder, join(folder, "new", "folder"), link]) {
    await (await startLocalAws({ folder: path })).stop();
    await (await startLocalAws({ folder: path })).stop();
  }
});

test("starts after a kill in its first start", async () => {
  write({ "services.sqlite": "", "services.sqlite-journal": "" });
  await (await startLocalAws({ folder })).stop();
});

test("names a file, and a link that leads nowhere", async () => {
  write({ file: "precious" });
  symlinkSync(join(folder, "none"), join(folder, "link"));
  const nowhere = [
    join(folder, "file"),
    join(folder, "file", "data"),
    join(folder, "link"),
    join(folder, "link", "data"),
  ];
  for (const path of nowhere) {
    expect((await startError(path)).message).toMatch(
      /^Cannot write to the folder ".*": ".*(?:file" is not a folder|link" links to a folder that does not exist)\. Choose another folder\.$/,
    );
  }
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("precious");
});

test("speaks of disk space only when the disk is full", async () => {
  useSample();
  rmSync(join(folder, "s3"), { recursive: true });
  write({ s3: "a file" });
  expect((await startError()).message).toMatch(
    /^Cannot use the folder ".*\/s3": .*Check its permissions and its disk, or /,
  );
  for (const cause of [
    Object.assign(new Error("write"), { code: "ENOSPC" }),
    Object.assign(new Error("database or disk is full"), { errcode: 13 }),
    new Error("IO error: /data/000003.log: No space left on device"),
  ]) {
    expect(new DiskError("/data", cause).message).toMatch(/Free some disk space, and start again\.$/);
  }
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  expect(new DiskError("/data", denied).message).not.toContain("disk space");
});

test("continues from the clock of the last run, which ran ahead of the machine's", async () => {
  const start = Date.now();
  const clock = new SteppedClock(start);
  const aws = await startLocalAws({ folder, clock });
  const { sqs } = clientsFor(aws.endpoint, aws.region);
  await clock.advance(100 * 60_000);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "queue" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "later", DelaySeconds: 900 }));
  await aws.stop();

  const next = new SteppedClock(start);
  const again = await startLocalAws({ folder, clock: next });
  expect(next.now()).toBe(clock.now());
  const client = clientsFor(again.endpoint, again.region).sqs;
  const { QueueUrl: url } = await client.send(new GetQueueUrlCommand({ QueueName: "queue" }));
  const receive = async () => (await client.send(new ReceiveMessageCommand({ QueueUrl: url }))).Messages?.length ?? 0;
  await next.advance(899_000);
  expect(await receive()).toBe(0);
  await next.advance(1_000);
  expect(await receive()).toBe(1);
  await again.stop();
});
