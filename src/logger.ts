/** The server's log: one JSON line an event, without keys or passwords. */
import { type Logger, pino } from 'pino';
import type { Config } from './config';

export function createLogger(
  config: Pick<Config, 'logLevel'>,
  destination?: NodeJS.WritableStream,
): Logger {
  const options = {
    level: config.logLevel,
    base: null,
    redact: {
      paths: [
        'authorization',
        '*.authorization',
        '*.headers.authorization',
        'headers.authorization',
        '*.cookie',
        '*.headers.cookie',
        '*.password',
      ],
      censor: '[hidden]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
