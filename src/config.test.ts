import { isAbsolute } from 'node:path';
import { ConfigError, readConfig } from './config';

describe('readConfig', () => {
  it('needs nothing', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      introspection: true,
      production: false,
      allowedOrigins: [],
    });
    expect(isAbsolute(config.dataDir)).toBe(true);
  });

  it('reads what is set, and takes empty for not set', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '',
      NODE_ENV: 'production',
      NEARFIELD_TRAIN_ON_START: 'false',
      NEARFIELD_ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '127.0.0.1',
      introspection: false,
      production: true,
      trainOnStart: false,
    });
    expect(config.allowedOrigins).toEqual(['https://a.example', 'http://localhost:3000']);
    expect(readConfig({ NODE_ENV: 'production', NEARFIELD_INTROSPECTION: 'true' }).introspection).toBe(
      true,
    );
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://x:topsecret@y/z'],
    ['NEARFIELD_ADMIN_KEY', 'topsecret'],
    ['NEARFIELD_JWT_SECRET', 'topsecret'],
    ['NEARFIELD_JWT_JWKS', 'http://topsecret.example/jwks'],
    ['NEARFIELD_JWT_CLOCK_TOLERANCE_SECONDS', '301'],
    ['NEARFIELD_BACKEND', 'cuda'],
    ['NEARFIELD_TRAIN_ON_START', 'yes'],
    ['NEARFIELD_MAX_QUERY_DEPTH', '0'],
    ['NEARFIELD_ALLOWED_ORIGINS', 'https://a.example/path'],
    ['NEARFIELD_ALLOWED_ORIGINS', '*'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s, naming the variable and not the value', (name, value) => {
    const attempt = () => readConfig({ [name]: value });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(`  ${name}: `);
    expect(attempt).not.toThrow('topsecret');
  });

  it('takes tokens of one kind of key, and of a key set only those that are for this server', () => {
    const secret = 'x'.repeat(32);
    const jwks = 'https://id.example/jwks';
    expect(readConfig({}).jwt).toBeUndefined();
    expect(readConfig({ NEARFIELD_JWT_SECRET: secret }).jwt).toMatchObject({
      keys: { secret },
      roleClaim: 'role',
      userIdClaim: 'sub',
    });
    const whole = {
      NEARFIELD_JWT_JWKS: jwks,
      NEARFIELD_JWT_ISSUER: 'https://id.example',
      NEARFIELD_JWT_AUDIENCE: 'nearfield',
    };
    expect(readConfig(whole).jwt).toMatchObject({
      keys: { jwks },
      issuer: 'https://id.example',
      audience: 'nearfield',
    });
    expect(() => readConfig({ ...whole, NEARFIELD_JWT_SECRET: secret })).toThrow(
      'NEARFIELD_JWT_SECRET: cannot be set together',
    );
    expect(() => readConfig({ NEARFIELD_JWT_JWKS: jwks })).toThrow(
      /NEARFIELD_JWT_ISSUER: is required.*NEARFIELD_JWT_AUDIENCE: is required/s,
    );
    expect(
      readConfig({
        NEARFIELD_JWT_JWKS: './keys.json',
        NEARFIELD_JWT_ISSUER: 'a',
        NEARFIELD_JWT_AUDIENCE: 'b',
      }).jwt,
    ).toBeDefined();
  });

  it('names every variable at fault at once', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .*LOG_LEVEL: /s);
  });
});
