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
    expect(config).toMatchObject({ port: 0, host: '127.0.0.1', introspection: false, production: true, trainOnStart: false });
    expect(config.allowedOrigins).toEqual(['https://a.example', 'http://localhost:3000']);
    expect(readConfig({ NODE_ENV: 'production', NEARFIELD_INTROSPECTION: 'true' }).introspection).toBe(true);
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://x:topsecret@y/z'],
    ['NEARFIELD_ADMIN_KEY', 'topsecret'],
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

  it('names every variable at fault at once', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .*LOG_LEVEL: /s);
  });
});
