import { isLoopback, OriginPolicy } from './origin-policy';

const local = new OriginPolicy({ host: '127.0.0.1', allowedOrigins: ['http://localhost:3000'] });
const remote = new OriginPolicy({ host: '0.0.0.0', allowedOrigins: [] });

describe('the origin policy', () => {
  it.each([
    'localhost:4000',
    'localhost',
    '127.0.0.1:4000',
    '[::1]:4000',
    'LOCALHOST:1',
    'a.localhost:4000',
  ])('on loopback %s is this server', (host) => {
    expect(local.allowsHost({ host })).toBe(true);
  });

  it.each([
    'evil.example:4000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[::2]:4000',
    '',
    'a:b:c',
    undefined,
  ])('on loopback %s is not', (host) => {
    expect(local.allowsHost(host === undefined ? {} : { host })).toBe(false);
  });

  it('asks for no name where others may come anyway', () => {
    expect(remote.allowsHost({ host: 'api.example.org' })).toBe(true);
  });

  it.each([
    [{ host: 'localhost:4000' }, true],
    [{ host: 'localhost:4000', origin: 'http://localhost:4000' }, true],
    [{ host: 'localhost:4000', origin: 'http://localhost:3000' }, true],
    [{ host: 'localhost:4000', origin: 'http://localhost:5000' }, false],
    [{ host: 'localhost:4000', origin: 'https://evil.example' }, false],
    [{ host: 'localhost:4000', origin: 'null' }, false],
    [{ host: 'evil.example', origin: 'http://evil.example' }, false],
  ])('a WebSocket from %j: %s', (headers, expected) => {
    expect(local.allowsWebSocket({ headers })).toBe(expected);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['example.org', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
