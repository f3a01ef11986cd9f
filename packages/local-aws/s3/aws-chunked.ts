import { AwsError } from "../protocols/aws-error";

/** Maximum length of a chunk's header or of a trailer. */
const MAX_LINE = 16 * 1_024;

const LINE_FEED = 0x0a;

/**
 * Decodes the transfer format of streaming uploads: chunks with their size, and trailers. The signatures of chunks are not
 * verified.
 *
 * @param trailers - Gets the trailers, by name in lower case.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, void> {
  let expected = "size" as "size" | "data" | "end of data" | "trailer";
  let left = 0;
  let line = "";
  for await (const received of source) {
    for (let rest = received; rest.length > 0; ) {
      if (expected === "data") {
        const data = rest.subarray(0, left);
        rest = rest.subarray(data.length);
        left -= data.length;
        if (left === 0) expected = "end of data";
        yield data;
        continue;
      }
      const end = rest.indexOf(LINE_FEED);
      line += rest.toString("latin1", 0, end === -1 ? rest.length : end);
      if (line.length > MAX_LINE) throw malformed();
      if (end === -1) break;
      rest = rest.subarray(end + 1);
      endLine(line.replace(/\r$/, ""));
      line = "";
    }
  }
  if (line !== "") endLine(line); // The last trailer may lack its line end.
  if (expected !== "trailer") throw malformed();

  function endLine(text: string): void {
    if (expected === "end of data") {
      if (text !== "") throw malformed();
      expected = "size";
    } else if (expected === "size") {
      const [, size] = /^([\da-f]{1,10})(?:;.*)?$/i.exec(text) ?? [];
      if (size === undefined) throw malformed();
      left = Number.parseInt(size, 16);
      expected = left === 0 ? "trailer" : "data";
    } else if (text !== "") {
      const [, name, value = ""] = /^([^:\s]+):\s*(.*?)\s*$/.exec(text) ?? [];
      if (name === undefined) throw malformed();
      trailers.set(name.toLowerCase(), value);
    }
  }
}

function malformed(): AwsError {
  return new AwsError(
    "IncompleteBody",
    "The request body terminated unexpectedly, or it is not in the format aws-chunked",
  );
}
