import { S3Error, type S3Store } from "../fauxqs/parts";
import { escapeXml } from "../protocols/responses";

/** Maximum number of keys per request. */
const MAX_KEYS = 1_000;

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Handles DeleteObjects. fauxqs would unescape keys twice, and ignore version IDs
 * and ETags in the request.
 *
 * @returns the XML of the response.
 * @throws S3Error if the body has anything other than keys. In this case, no object is deleted.
 */
export function deleteObjects(store: S3Store, bucket: string, body: string): string {
  const [, content = ""] = /^\s*(?:<\?xml[^>]*\?>)?\s*<Delete(?:\s[^>]*)?>(.*)<\/Delete>\s*$/s.exec(body) ?? [];
  const quiet = /^\s*<Quiet>\s*true\s*<\/Quiet>|<Quiet>\s*true\s*<\/Quiet>\s*$/i.test(content);
  const objects = content.replace(/<Quiet>[^<]*<\/Quiet>/i, "");
  const keys = [...objects.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = ""]) => keyOf(object));
  const rest = objects.replace(/<Object>.*?<\/Object>/gs, "").trim();
  if (keys.length === 0 || keys.length > MAX_KEYS || rest !== "") throw malformed();
  store.deleteObjects(bucket, keys);
  const deleted = quiet ? [] : keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${deleted.join("")}</DeleteResult>`;
}

function keyOf(object: string): string {
  const key = /^\s*<Key>([^<]+)<\/Key>\s*$/.exec(object)?.[1];
  if (key !== undefined) return unescapeXml(key);
  const [, condition] = /<(VersionId|ETag|LastModifiedTime|Size)>/.exec(object) ?? [];
  if (condition === undefined) throw malformed();
  throw new S3Error(
    "NotImplemented",
    `The local run does not support DeleteObjects with ${condition}. Only Key is supported.`,
    501,
  );
}

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (entity, hex?: string, decimal?: string, name = "") => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return ENTITIES[name] ?? entity;
    },
  );
}

function malformed(): S3Error {
  return new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    400,
  );
}
