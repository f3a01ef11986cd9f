import type { StoredBucket, StoredVersion } from "./stored";

/** A bucket, with its objects' versions in memory. */
export class Bucket {
  /** All keys, in the order of their bytes. */
  private readonly keys: string[] = [];
  /** Versions by key, the newest last. */
  private readonly byKey = new Map<string, StoredVersion[]>();

  constructor(public stored: StoredBucket) {}

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** Returns all versions of a key, the newest last. */
  versions(key: string): readonly StoredVersion[] {
    return this.byKey.get(key) ?? [];
  }

  /** Returns a version, or a delete marker, of a key. @param versionId - @default - the newest */
  version(key: string, versionId?: string): StoredVersion | undefined {
    const versions = this.versions(key);
    return versionId === undefined ? versions.at(-1) : versions.find((each) => each.versionId === versionId);
  }

  /** Adds the newest version of a key. */
  add(version: StoredVersion): void {
    const versions = this.byKey.get(version.key);
    if (versions) versions.push(version);
    else {
      this.byKey.set(version.key, [version]);
      this.keys.splice(this.indexOf(version.key), 0, version.key);
    }
  }

  remove({ id, key }: StoredVersion): void {
    const versions = this.byKey.get(key) ?? [];
    versions.splice(
      versions.findIndex((version) => version.id === id),
      1,
    );
    if (versions.length > 0) return;
    this.byKey.delete(key);
    this.keys.splice(this.indexOf(key), 1);
  }

  /** Returns the keys from `first`, in the order of their bytes. */
  *keysFrom(first: string): Generator<string, void, void> {
    for (let index = this.indexOf(first); index < this.keys.length; index++) yield this.keys[index] as string;
  }

  /** Returns the position of a key, or the position that it would have. */
  private indexOf(key: string): number {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Compares texts by the bytes of their UTF-8. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return byteRank(unitA) - byteRank(unitB);
  }
  return a.length - b.length;
}

/** Ranks a UTF-16 unit. Surrogates stand for code points above U+FFFF. */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
