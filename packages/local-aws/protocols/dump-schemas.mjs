// Writes schemas.json: the SDK's schemas of the supported services, in the format of shape.ts. It contains all operations'
// names and HTTP bindings, but the shapes of the supported operations only. It runs in a process of its own, because the
// SDK caches values in these schemas as soon as a client uses them. `dump-schemas.mjs <file>` writes the shapes of all
// operations to another file, for tests.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const [, , allFile] = process.argv;

/** The client package of each folder. DynamoDB has none: dynalite checks its requests. */
const CLIENTS = {
  cloudwatch: "@aws-sdk/client-cloudwatch",
  firehose: "@aws-sdk/client-firehose",
  iam: "@aws-sdk/client-iam",
  kms: "@aws-sdk/client-kms",
  lambda: "@aws-sdk/client-lambda",
  logs: "@aws-sdk/client-cloudwatch-logs",
  s3: "@aws-sdk/client-s3",
  sns: "@aws-sdk/client-sns",
  sqs: "@aws-sdk/client-sqs",
  sts: "@aws-sdk/client-sts",
};

/** Numbers that stand for simple types. Adding 64 makes a list of them, and 128 a map. */
const SIMPLE = {
  0: { type: "string" },
  1: { type: "number" },
  2: { type: "boolean" },
  4: { type: "timestamp" },
  5: { type: "timestamp", format: "date-time" },
  6: { type: "timestamp", format: "http-date" },
  21: { type: "blob" },
  42: { type: "blob", streaming: true },
};
const LIST = 64;

const HTTP_LABEL = 1;
const HTTP_PAYLOAD = 16;
const HTTP_RESPONSE_CODE = 32;

/** Traits that change the format of a request or a response. */
const TRAITS = [
  ...["xmlName", "xmlFlattened", "xmlAttribute", "xmlNamespace"],
  ...["httpHeader", "httpPrefixHeaders", "httpQuery", "httpLabel", "httpPayload", "httpResponseCode"],
];

/** Traits that no service here has, and that the protocols do not implement. */
const UNKNOWN_TRAITS = ["jsonName", "httpQueryParams"];

function traitsOf(indicator) {
  if (typeof indicator === "number") {
    return {
      ...(indicator & HTTP_LABEL && { httpLabel: 1 }),
      ...(indicator & HTTP_PAYLOAD && { httpPayload: 1 }),
      ...(indicator & HTTP_RESPONSE_CODE && { httpResponseCode: 1 }),
    };
  }
  const unknown = UNKNOWN_TRAITS.find((name) => indicator[name] !== undefined);
  if (unknown !== undefined) throw new Error(`Add the trait ${unknown} to the protocols.`);
  return Object.fromEntries(
    TRAITS.filter((name) => indicator[name] !== undefined).map((name) => [name, indicator[name]]),
  );
}

class Service {
  shapes = {};

  constructor(client) {
    this.client = client;
  }

  /** Returns a member: its shape, or the name of its shape, and its traits. */
  member(ref) {
    const schema = typeof ref === "function" ? ref() : ref;
    if (!Array.isArray(schema)) return { shape: this.simple(schema) };
    if (typeof schema[0] !== "number" || schema.length === 2) {
      const { shape, ...inner } = this.member(schema[0]);
      return { shape, ...inner, ...traitsOf(schema[1]) };
    }
    const [id, , name, indicator, ...rest] = schema;
    const traits = traitsOf(indicator);
    if (id === 0) return { ...this.member(rest[0]), ...traits };
    if (!this.shapes[name]) {
      const shape = {};
      this.shapes[name] = shape;
      if (id === 1) Object.assign(shape, { type: "list", member: this.member(rest[0]) });
      else if (id === 2) Object.assign(shape, { type: "map", key: this.member(rest[0]), value: this.member(rest[1]) });
      else Object.assign(shape, this.structure(rest));
    }
    return { shape: name, ...traits };
  }

  structure([names = [], refs = [], requiredCount = 0]) {
    return {
      type: "structure",
      members: Object.fromEntries(names.map((name, index) => [name, this.member(refs[index])])),
      required: names.slice(0, requiredCount),
    };
  }

  simple(schema) {
    if (schema === "unit") return { type: "structure", unit: true, members: {}, required: [] };
    if (SIMPLE[schema]) return SIMPLE[schema];
    const inner = SIMPLE[schema & (LIST - 1)];
    if (!inner) throw new Error(`Unknown schema ${String(schema)}.`);
    if (schema & LIST) return { type: "list", member: { shape: inner } };
    return { type: "map", key: { shape: SIMPLE[0] }, value: { shape: inner } };
  }

  /** Returns an operation's HTTP bindings; with its shapes if it is supported. */
  operation([, , , indicator, input, output], isSupported) {
    const [method, uri, status] = indicator?.http ?? [];
    return {
      ...(method && { http: { method, uri, ...(status !== 200 && { status }), ...this.requirements(input) } }),
      ...(isSupported && { input: this.member(input), output: this.member(output) }),
    };
  }

  /** Returns what distinguishes operations with the same path: required parameters, and whether it is about a bucket. */
  requirements(input) {
    const schema = typeof input === "function" ? input() : input;
    const [names = [], refs = [], requiredCount = 0] = Array.isArray(schema) ? schema.slice(4) : [];
    const required = refs.slice(0, requiredCount).map((ref) => (Array.isArray(ref) ? traitsOf(ref[1]) : {}));
    return {
      bucket: names.includes("Bucket") && required[names.indexOf("Bucket")]?.httpLabel === 1,
      query: required.flatMap(({ httpQuery }) => httpQuery ?? []),
      headers: required.flatMap(({ httpHeader }) => httpHeader?.toLowerCase() ?? []),
    };
  }

  errors() {
    const schemas = this.client.errorTypeRegistries.flatMap(({ schemas: types }) => [...types.values()]);
    return Object.fromEntries(
      schemas
        .filter((schema) => Array.isArray(schema) && schema[0] === -3 && !schema[1].includes("synthetic"))
        .map(([, , name, { awsQueryError: [queryCode] = [], error, httpError }]) => [
          name,
          {
            ...(queryCode && queryCode !== name && { queryCode }),
            status: httpError ?? (error === "server" ? 500 : 400),
          },
        ]),
    );
  }
}

/** Returns an operation's name as in the names of files, such as `list-objects-v2`. */
function kebabCase(name) {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

function dump(folder, client) {
  const service = new Service(client);
  const schemas = Object.values(client).filter((schema) => Array.isArray(schema) && schema[0] === 9);
  const actions = new URL(`../${folder}/actions`, import.meta.url);
  const files = new Set(existsSync(actions) ? readdirSync(actions) : []);
  const operations = schemas.map((schema) => {
    const isSupported = files.delete(`${kebabCase(schema[2])}.ts`);
    return [schema[2], service.operation(schema, isSupported || allFile !== undefined)];
  });
  const [unknown] = files;
  if (unknown !== undefined) throw new Error(`${folder}/actions/${unknown} has the name of no operation.`);
  const [, namespace] = schemas[0];
  return { namespace, operations: Object.fromEntries(operations), shapes: service.shapes, errors: service.errors() };
}

const clients = { ...CLIENTS, ...(allFile !== undefined && { dynamodb: "@aws-sdk/client-dynamodb" }) };
const output = JSON.stringify(
  Object.fromEntries(Object.entries(clients).map(([folder, client]) => [folder, dump(folder, require(client))])),
);
const file = allFile ?? fileURLToPath(new URL("schemas.json", import.meta.url));
// Other processes may read the file meanwhile: builds and tests.
if (!existsSync(file) || readFileSync(file, "utf8") !== output) {
  writeFileSync(`${file}.${process.pid}`, output);
  renameSync(`${file}.${process.pid}`, file);
}
