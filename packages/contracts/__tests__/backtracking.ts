import fc from "fast-check";

/** A part of a pattern. A set matches one of its characters. */
export type Part =
  | { readonly set: string }
  | { readonly sequence: readonly Part[] }
  | { readonly alternatives: readonly Part[] }
  | { readonly repeated: Part; readonly min: number; readonly max: number; readonly isLazy: boolean }
  | { readonly ahead: Part; readonly isNegated: boolean };

const SETS = ["a", "b", "ab", "ac", "abc"];

/** Parts of patterns over the characters a, b and c, with each kind of part nested in each. */
export const parts: fc.Arbitrary<Part> = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...SETS).map((set) => ({ set })),
    fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((sequence) => ({ sequence })),
    fc.array(tie("part"), { minLength: 2, maxLength: 3 }).map((alternatives) => ({ alternatives })),
    fc
      .tuple(tie("part"), fc.constantFrom([0, 1], [0, Infinity], [1, Infinity], [0, 30], [2, 4]), fc.boolean())
      .map(([repeated, [min, max], isLazy]) => ({ repeated, min: Number(min), max: Number(max), isLazy })),
    fc.tuple(tie("part"), fc.boolean()).map(([ahead, isNegated]) => ({ ahead, isNegated })),
  ),
})).part;

/** Returns the source of a regular expression. */
export function sourceOf(part: Part): string {
  if ("set" in part) return part.set.length === 1 ? part.set : `[${part.set}]`;
  if ("sequence" in part) return part.sequence.map(sourceOf).join("");
  if ("alternatives" in part) return `(?:${part.alternatives.map(sourceOf).join("|")})`;
  if ("ahead" in part) return `(?${part.isNegated ? "!" : "="}${sourceOf(part.ahead)})`;
  const { repeated, min, max, isLazy } = part;
  return `(?:${sourceOf(repeated)}){${min},${Number.isFinite(max) ? max : ""}}${isLazy ? "?" : ""}`;
}

export class TooManyStepsError extends Error {}

/** Matches a text as a backtracking engine such as V8's does, and counts its steps. */
export class Backtracking {
  steps = 0;

  constructor(
    private readonly text: string,
    private readonly maxSteps: number,
  ) {}

  /** Returns whether the part matches anywhere, or only at the start, up to the end of the text. */
  search(part: Part, isAnchored: boolean): boolean {
    for (let start = 0; start <= (isAnchored ? 0 : this.text.length); start += 1) {
      if (this.match(part, start, (end) => end === this.text.length)) return true;
    }
    return false;
  }

  private match(part: Part, at: number, next: (at: number) => boolean): boolean {
    this.steps += 1;
    if (this.steps > this.maxSteps) throw new TooManyStepsError();
    if ("set" in part) return at < this.text.length && part.set.includes(this.text.charAt(at)) && next(at + 1);
    if ("alternatives" in part) return part.alternatives.some((one) => this.match(one, at, next));
    if ("ahead" in part) return this.match(part.ahead, at, () => true) !== part.isNegated && next(at);
    if ("repeated" in part) return this.repeat(part, 0, at, next);
    const matchFrom = (index: number, from: number): boolean => {
      const element = part.sequence[index];
      return element ? this.match(element, from, (end) => matchFrom(index + 1, end)) : next(from);
    };
    return matchFrom(0, at);
  }

  private repeat(
    part: Extract<Part, { repeated: Part }>,
    count: number,
    at: number,
    next: (at: number) => boolean,
  ): boolean {
    const { repeated, min, max, isLazy } = part;
    const again = () =>
      count < max &&
      // An iteration beyond the minimum must consume something.
      this.match(repeated, at, (end) => (end > at || count < min) && this.repeat(part, count + 1, end, next));
    const leave = () => count >= min && next(at);
    return isLazy ? leave() || again() : again() || leave();
  }
}
