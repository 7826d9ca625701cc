import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BadUserInputError,
  DatabaseUnavailableError,
  fromMessage,
  isClientCode,
  isForPeople,
  NotFoundError,
  reasonOf,
  toMessage,
} from './errors';

it('every error class of the product has the one base', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' });
  const bases = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => /class \w+ extends (\w*Error)\b/.test(readFileSync(join(__dirname, file), 'utf8')))
    .flatMap((file) =>
      [...readFileSync(join(__dirname, file), 'utf8').matchAll(/class (\w+) extends Error\b/g)].map(
        ([, name]) => `${file}: ${name}`,
      ),
    );
  expect(bases).toEqual(['errors.ts: AppError']);
});

describe('an error', () => {
  it('has the status and the retryability of its code', () => {
    const { status, retryable, forPeople } = new DatabaseUnavailableError('It is away.');
    expect({ status, retryable, forPeople }).toEqual({ status: 503, retryable: true, forPeople: true });
    expect(new NotFoundError('movie', 7)).toMatchObject({
      name: 'NotFoundError',
      status: 404,
      retryable: false,
    });
  });

  it('arrives from a thread as it was thrown', () => {
    const thrown = new BadUserInputError('k', 'k must be at least 1.');
    const arrived = fromMessage(structuredClone(toMessage(thrown)));
    const { name, code, message, status, retryable, forPeople } = thrown;
    expect(arrived).toMatchObject({ name, code, message, status, retryable, forPeople });
    expect(arrived.cause).toBe(thrown.stack);
  });

  it('that nobody wrote for people is read with its class, on both sides of a thread', () => {
    for (const error of [
      new TypeError('x is not a function'),
      fromMessage(toMessage(new TypeError('x is not a function'))),
    ]) {
      expect(isForPeople(error)).toBe(false);
      expect(reasonOf(error)).toBe('TypeError: x is not a function');
    }
    expect(reasonOf(new NotFoundError('movie', 7))).toBe('There is no movie with id 7.');
    expect(fromMessage(toMessage('a string'))).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'a string',
    });
  });

  it('has a code that a client may get, or one of the server’s own', () => {
    expect(isClientCode('NOT_FOUND')).toBe(true);
    expect(isClientCode('CONFIG_INVALID')).toBe(false);
    expect(isClientCode('toString')).toBe(false);
  });
});
