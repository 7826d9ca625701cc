/** Tags numbered as seeding and paper runs count them. */
import { tagKey } from '../catalog/tag-name';

/** Spellings with one key are one tag; numbers from 1 in the order of first use. */
export class TagNumbers {
  private readonly numbers = new Map<string, number>();
  /** First spellings, in order of their numbers. */
  readonly names: string[] = [];

  /** In order of their numbers. */
  get keys(): string[] {
    return [...this.numbers.keys()];
  }

  /** @returns 0 for a blank tag */
  numberOf(name: string): number {
    const key = tagKey(name);
    if (key === '') return 0;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.names.push(name);
    this.numbers.set(key, this.names.length);
    return this.names.length;
  }
}
