/** The admin key of the first start: shown once, stored as a digest, the same for every server on the database. */
import { Authenticator, ensureAdminKey, keyHash } from '../src/graphql/authentication';
import { describeEachDatabase } from './support/databases';

const config = { adminKey: undefined, readerKey: undefined, host: '127.0.0.1' };

describeEachDatabase('the admin key', (getDatabase) => {
  beforeEach(() => getDatabase().query('delete from api_key'));

  it('is made at the first start, shown once, and works ever after', async () => {
    const first = await ensureAdminKey(getDatabase(), config);
    expect(first.shown).toMatch(/^nf_[\w-]{32}$/);
    const second = await ensureAdminKey(getDatabase(), config);
    expect(second.shown).toBeNull();
    expect(new Authenticator(second.keys).roleOf(`Bearer ${first.shown}`)).toBe('ADMIN');
    const [row] = await getDatabase().query<{ hash: Buffer }>('select hash from api_key');
    expect(row.hash.equals(keyHash(first.shown!))).toBe(true);
  });

  it('is made once, whoever starts at the same time', async () => {
    const starts = await Promise.all(Array.from({ length: 8 }, () => ensureAdminKey(getDatabase(), config)));
    expect(starts.filter(({ shown }) => shown !== null)).toHaveLength(1);
    for (const { keys } of starts) expect(keys.adminHashes).toHaveLength(1);
  });

  it('gives way to a configured one', async () => {
    const { shown } = await ensureAdminKey(getDatabase(), config);
    const configured = await ensureAdminKey(getDatabase(), {
      ...config,
      adminKey: 'configured-key-1234',
      readerKey: 'reader-key-12345678',
      host: '0.0.0.0',
    });
    expect(configured.shown).toBeNull();
    const authenticator = new Authenticator(configured.keys);
    expect(authenticator.roleOf('Bearer configured-key-1234')).toBe('ADMIN');
    expect(authenticator.roleOf('Bearer reader-key-12345678')).toBe('MEMBER');
    expect(authenticator.roleOf(undefined)).toBe('ANONYMOUS');
    expect(() => authenticator.roleOf(`Bearer ${shown}`)).toThrow('not known');
  });
});
