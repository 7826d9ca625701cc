import fc from 'fast-check';
import { tagKey } from './tag-name';

/** Letters with marks, with two lower or upper cases, composed and taken apart; spaces of every
 *  kind. */
const wild = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      'a',
      'Z',
      'é',
      'e\u0301',
      'İ',
      'ı',
      'ß',
      'ẞ',
      'Σ',
      'σ',
      'ς',
      'Å',
      '\u212b',
      'ﬁ',
      '한',
      'ᄒ',
      '-',
      '‐',
      '🎬',
      '0',
    ),
    fc.constantFrom(' ', '\t', '\n', '\u00a0', '\u2003', '\u3000', '\ufeff'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});

describe('the key of a tag', () => {
  it.each([
    ['Time Travel', 'time  travel'],
    ['caf\u00e9', 'CAFE\u0301'],
    [' film\u00a0noir\t', 'Film Noir'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ΟΔΟΣ\ufeffΑ', 'οδός α'.normalize('NFD').replaceAll('\u0301', '')],
    ['\u212bngström', 'ångström'],
  ])('is the same for %j and %j', (one, other) => {
    expect(tagKey(one)).toBe(tagKey(other));
  });

  it.each([
    ['sci-fi', 'sci fi'],
    ['sci-fi', 'scifi'],
    ['sci-fi', 'sci\u2010fi'],
    ['resume', 'résumé'],
    ['ﬁlm', 'film'],
  ])('is not the same for %j and %j', (one, other) => {
    expect(tagKey(one)).not.toBe(tagKey(other));
  });

  it('is its own key, whatever was typed', () => {
    fc.assert(
      fc.property(wild, (name) => expect(tagKey(tagKey(name))).toBe(tagKey(name))),
      { numRuns: 2_000 },
    );
  });

  it('does not change with case, composition or spaces around and between', () => {
    fc.assert(
      fc.property(wild, fc.constantFrom(' ', '\u3000', '\t '), (name, space) => {
        const key = tagKey(name);
        expect(tagKey(name.normalize('NFD'))).toBe(key);
        expect(tagKey(name.normalize('NFC'))).toBe(key);
        expect(tagKey(name.toLowerCase())).toBe(key);
        expect(tagKey(`${space}${name.replace(/\s+/gu, space)}${space}`)).toBe(key);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is blank for what is nothing but spaces, and has none around or doubled', () => {
    fc.assert(
      fc.property(wild, (name) => {
        const key = tagKey(name);
        expect(key === '').toBe(name.trim() === '');
        expect(key).toBe(key.trim());
        expect(key).not.toMatch(/\s\s|[^\S ]/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
