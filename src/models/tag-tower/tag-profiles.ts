/** Tag profiles and their cosine. A profile has, on the axis of tag t, log(1 + posts with t) ·
 *  log(profiles / profiles with t). */

/** All tags of one user on one item; null for an unknown user or item. */
export interface Post {
  readonly user: number | null;
  readonly item: number | null;
  /** distinct */
  readonly tags: ArrayLike<number>;
}

/** A post of the evidence. */
export interface KnownPost extends Post {
  /** Its tags, by row */
  readonly rows: readonly number[];
  /** How many of its tags are on its item by another post, too */
  confirmed: number;
  /** The profiles of its user and its item; null for unknown ones. A look-up by id would take
   *  longer than most cosines. */
  ofUser: Profile | null;
  ofItem: Profile | null;
}

export interface Profile {
  posts: KnownPost[];
  /** Posts with a tag, by the tag's row, in the order in which the tags came. */
  readonly bag: Map<number, number>;
  /** The bag as coordinates, as of `version`: computed when it is next compared. */
  version: number;
  rows: number[];
  counts: number[];
  coordinates: number[];
  norm: number;
}

/** The posts and tag profiles of all users, or of all items. */
export class TagProfiles {
  private readonly profiles = new Map<number, Profile>();
  /** [rows] how many profiles have a tag */
  private holders = new Int32Array(0);
  /** [rows] the profile that others are compared with, and its length */
  private anchor = new Float64Array(0);
  private anchorRows: number[] = [];
  private anchorNorm = 0;
  private anchorSize = 0;
  /** Every change changes all coordinates a little. */
  private version = 0;

  /** @param shorter whether a cosine is summed over the shorter of the two profiles, as the
   *    server's answers always were, or over the other's, as training always did: the order decides
   *    the last bit, and stored models must answer as before */
  constructor(private readonly shorter: boolean) {}

  /** @param owner null: an unknown owner, without posts */
  postsOf(owner: number | null): readonly KnownPost[] {
    return (owner === null ? undefined : this.profiles.get(owner)?.posts) ?? [];
  }

  /** @returns the owner's posts with the tag */
  countOf(owner: number | null, row: number): number {
    return (owner === null ? undefined : this.profiles.get(owner)?.bag.get(row)) ?? 0;
  }

  /** @returns the owner's profile, or null */
  add(owner: number | null, post: KnownPost): Profile | null {
    if (owner === null) return null;
    const profile = this.profiles.get(owner) ?? emptyProfile();
    this.profiles.set(owner, profile);
    profile.posts.push(post);
    for (const row of post.rows) {
      const count = profile.bag.get(row) ?? 0;
      profile.bag.set(row, count + 1);
      if (row >= this.holders.length) this.holders = grown(this.holders, Math.max(64, 2 * row));
      if (count === 0) this.holders[row]++;
    }
    this.version++;
    return profile;
  }

  remove(owner: number | null, post: KnownPost): void {
    const profile = owner === null ? undefined : this.profiles.get(owner);
    if (owner === null || profile === undefined) return;
    profile.posts = profile.posts.filter((other) => other !== post);
    for (const row of post.rows) {
      const count = (profile.bag.get(row) ?? 0) - 1;
      if (count > 0) profile.bag.set(row, count);
      else if (profile.bag.delete(row)) this.holders[row]--;
    }
    if (profile.posts.length === 0) this.profiles.delete(owner);
    this.version++;
  }

  /** Makes the owner's profile, without one post, what `cosine` compares with. */
  compareWith(owner: number | null, without?: KnownPost): void {
    for (const row of this.anchorRows) this.anchor[row] = 0;
    this.anchorRows = [];
    this.anchorNorm = 0;
    const profile = owner === null ? undefined : this.profiles.get(owner);
    if (profile === undefined) return;
    if (this.anchor.length < this.holders.length) this.anchor = new Float64Array(this.holders.length);
    this.update(profile);
    const { rows, counts, coordinates } = profile;
    this.anchorSize = rows.length;
    const left = without && new Set(without.rows);
    let sum = 0;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at];
      const coordinate = left?.has(row) ? this.coordinate(row, counts[at] - 1) : coordinates[at];
      if (coordinate === 0) continue;
      this.anchor[row] = coordinate;
      this.anchorRows.push(row);
      sum += coordinate * coordinate;
    }
    this.anchorNorm = Math.sqrt(sum);
  }

  /** @returns 0 for a null profile */
  cosine(profile: Profile | null): number {
    if (profile === null) return 0;
    if (profile.version !== this.version) this.update(profile);
    const { rows, coordinates } = profile;
    const norms = profile.norm * this.anchorNorm;
    if (norms === 0) return 0;
    const { anchor } = this;
    let sum = 0;
    if (this.shorter && rows.length >= this.anchorSize)
      for (const row of this.anchorRows)
        sum += anchor[row] * this.coordinate(row, profile.bag.get(row) ?? 0);
    else for (let at = 0; at < rows.length; at++) sum += anchor[rows[at]] * coordinates[at];
    return sum / norms;
  }

  private update(profile: Profile): void {
    if (profile.version === this.version) return;
    profile.version = this.version;
    profile.rows = [...profile.bag.keys()];
    profile.counts = [...profile.bag.values()];
    profile.coordinates = profile.rows.map((row, at) => this.coordinate(row, profile.counts[at]));
    profile.norm = Math.sqrt(profile.coordinates.reduce((sum, coordinate) => sum + coordinate ** 2, 0));
  }

  private coordinate(row: number, count: number): number {
    return Math.log1p(count) * Math.log(this.profiles.size / this.holders[row]);
  }
}

function emptyProfile(): Profile {
  return { posts: [], bag: new Map(), version: -1, rows: [], counts: [], coordinates: [], norm: 0 };
}

/** @returns a longer copy, with zeros at the end */
export function grown<A extends Int32Array | Float64Array>(array: A, length: number): A {
  const copy = new (array.constructor as new (length: number) => A)(length);
  copy.set(array);
  return copy;
}
