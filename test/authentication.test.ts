/** The admin key of the first start: shown once, stored as a digest, the same for every server on the database. */
import { Authenticator } from '../src/access/authenticator';
import { ensureAdminKey } from '../src/access/first-key';
import { type KeyRing, keyHash } from '../src/access/key-ring';
import { describeEachDatabase } from './support/databases';

const config = { adminKey: undefined, readerKey: undefined };
const admit = (keys: KeyRing, key: string) => new Authenticator({ keys, openToKeyless: false }).admit(`Bearer ${key}`);

describeEachDatabase('the admin key', (getDatabase) => {
  beforeEach(() => getDatabase().query('delete from api_key'));

  it('is made at the first start, shown once, and works ever after', async () => {
    const first = await ensureAdminKey(getDatabase(), config);
    expect(first.shown).toMatch(/^nf_[\w-]{32}$/);
    const second = await ensureAdminKey(getDatabase(), config);
    expect(second.shown).toBeNull();
    expect(admit(second.keys, first.shown!)).toMatchObject({ role: 'ADMIN' });
    const [row] = await getDatabase().query<{ hash: Buffer }>('select hash from api_key');
    expect(row.hash.equals(keyHash(first.shown!))).toBe(true);
  });

  it('is made once, whoever starts at the same time', async () => {
    const starts = await Promise.all(Array.from({ length: 8 }, () => ensureAdminKey(getDatabase(), config)));
    expect(starts.filter(({ shown }) => shown !== null)).toHaveLength(1);
    const shown = starts.find((start) => start.shown !== null)?.shown;
    for (const { keys } of starts) expect(admit(keys, shown!)).toMatchObject({ role: 'ADMIN' });
  });

  it('gives way to a configured one', async () => {
    const { shown } = await ensureAdminKey(getDatabase(), config);
    const configured = await ensureAdminKey(getDatabase(), {
      ...config,
      adminKey: 'configured-key-1234',
      readerKey: 'reader-key-12345678',
    });
    expect(configured.shown).toBeNull();
    expect(admit(configured.keys, 'configured-key-1234')).toMatchObject({ role: 'ADMIN' });
    expect(admit(configured.keys, 'reader-key-12345678')).toMatchObject({ role: 'MEMBER' });
    expect(() => admit(configured.keys, shown!)).toThrow('not known');
  });
});
