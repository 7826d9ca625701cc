/** Environment → one typed, validated object. Every setting is documented in docs/configuration.md;
 *  a test compares the two. */

import { resolve } from 'node:path';
import { Cron } from 'croner';
import { z } from 'zod';
import { AppError } from './errors';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const whole = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
/** `0 3 * * 1`: five fields, as cron has them; not croner's seconds and years. */
const cron = z.string().refine((text) => {
  try {
    return text.trim().split(/\s+/).length === 5 && new Cron(text, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}, 'must be a five-field cron expression with a future time, such as `0 3 * * *`');
/** `https://a.example, http://localhost:3000` → the origins as browsers send them. */
const origins = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^https?:\/\/[^\s/?#]+$/.test(name));
  if (wrong !== undefined)
    context.addIssue({
      code: 'custom',
      message: 'must list origins such as https://example.org, separated by commas',
    });
  return names;
});
/** An address or a file. Keys that came over plain HTTP could be anybody's, but for this machine's
 *  own. */
const keySet = z
  .string()
  .refine(
    (text) => !/^http:/i.test(text) || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(text),
    'must be an https:// address or a file',
  );
/** `KEY=` in an env file or a compose file means "not set". */
const unset = (value: unknown) => (value === '' ? undefined : value);

/** One entry per variable, in the order of the documentation. */
export const SETTINGS = {
  PORT: whole(0, 65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional(),
  DATABASE_POOL_SIZE: whole(1, 200).default(10),
  NEARFIELD_DATA_DIR: z.string().min(1).default('.nearfield'),
  NEARFIELD_ADMIN_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  NEARFIELD_READER_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  NEARFIELD_JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  NEARFIELD_JWT_JWKS: keySet.optional(),
  NEARFIELD_JWT_ISSUER: z.string().optional(),
  NEARFIELD_JWT_AUDIENCE: z.string().optional(),
  NEARFIELD_JWT_ROLE_CLAIM: z.string().default('role'),
  NEARFIELD_JWT_USER_ID_CLAIM: z.string().default('sub'),
  NEARFIELD_JWT_CLOCK_TOLERANCE_SECONDS: whole(0, 300).default(5),
  NEARFIELD_BACKEND: z.enum(['auto', 'native', 'wasm', 'cpu']).default('auto'),
  NEARFIELD_TRAIN_IN_PROCESS: flag.default(true),
  NEARFIELD_TRAIN_ON_START: flag.default(true),
  NEARFIELD_RETRAIN_CRON: cron.optional(),
  NEARFIELD_RETRAIN_AFTER_RATINGS: whole(0, 1_000_000_000).default(0),
  NEARFIELD_SEED_ON_START: z.string().min(1).default('latest-small'),
  NEARFIELD_INTROSPECTION: flag.optional(),
  NEARFIELD_MAX_QUERY_COST: whole(1, 10_000_000).default(20_000),
  NEARFIELD_MAX_QUERY_DEPTH: whole(1, 100).default(12),
  NEARFIELD_MAX_QUERY_TOKENS: whole(10, 100_000).default(2_000),
  NEARFIELD_MAX_BODY_BYTES: whole(1_000, 100_000_000).default(262_144),
  NEARFIELD_RATE_LIMIT_PER_MINUTE: whole(0, 100_000_000).default(0),
  NEARFIELD_ALLOWED_ORIGINS: origins.default([]),
  NEARFIELD_SHUTDOWN_TIMEOUT_MS: whole(100, 600_000).default(10_000),
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
} as const;

const schema = z.object(
  Object.fromEntries(Object.entries(SETTINGS).map(([name, rule]) => [name, z.preprocess(unset, rule)])),
);
type Values = { [Name in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Name]> };

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absent: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly adminKey: string | undefined;
  readonly readerKey: string | undefined;
  /** Absent: JSON Web Tokens are not taken. */
  readonly jwt: JwtConfig | undefined;
  readonly backend: 'auto' | 'native' | 'wasm' | 'cpu';
  readonly trainInProcess: boolean;
  readonly trainOnStart: boolean;
  /** Five fields, UTC. Absent: no schedule. */
  readonly retrainCron: string | undefined;
  /** 0: never. */
  readonly retrainAfterRatings: number;
  /** A release's name, or `none`. */
  readonly seedOnStart: string;
  readonly introspection: boolean;
  readonly maxQueryCost: number;
  readonly maxQueryDepth: number;
  readonly maxQueryTokens: number;
  readonly maxBodyBytes: number;
  /** 0: no limit. */
  readonly rateLimitPerMinute: number;
  /** Pages of these origins may use the API from a browser (CORS). */
  readonly allowedOrigins: readonly string[];
  readonly shutdownTimeoutMs: number;
  readonly production: boolean;
  readonly logLevel: string;
}

export interface JwtConfig {
  /** What tokens are signed with: a shared secret (HS256), or key pairs whose public halves are at
   *  an address or in a file. */
  readonly keys: { readonly secret: string } | { readonly jwks: string };
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly roleClaim: string;
  readonly userIdClaim: string;
  readonly clockToleranceSeconds: number;
}

/** A setting is wrong; the message names every variable at fault, never its value (it may be a
 *  secret). */
export class ConfigError extends AppError {
  readonly code = 'CONFIG_INVALID';
}

/** @throws ConfigError naming each variable that is wrong, and why */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = schema.safeParse(environment);
  if (!parsed.success)
    throw unusable(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const values = parsed.data as Values;
  const production = values.NODE_ENV === 'production';
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    dataDir: resolve(values.NEARFIELD_DATA_DIR),
    adminKey: values.NEARFIELD_ADMIN_KEY,
    readerKey: values.NEARFIELD_READER_KEY,
    jwt: readJwt(values),
    backend: values.NEARFIELD_BACKEND,
    trainInProcess: values.NEARFIELD_TRAIN_IN_PROCESS,
    trainOnStart: values.NEARFIELD_TRAIN_ON_START,
    retrainCron: values.NEARFIELD_RETRAIN_CRON,
    retrainAfterRatings: values.NEARFIELD_RETRAIN_AFTER_RATINGS,
    seedOnStart: values.NEARFIELD_SEED_ON_START,
    introspection: values.NEARFIELD_INTROSPECTION ?? !production,
    maxQueryCost: values.NEARFIELD_MAX_QUERY_COST,
    maxQueryDepth: values.NEARFIELD_MAX_QUERY_DEPTH,
    maxQueryTokens: values.NEARFIELD_MAX_QUERY_TOKENS,
    maxBodyBytes: values.NEARFIELD_MAX_BODY_BYTES,
    rateLimitPerMinute: values.NEARFIELD_RATE_LIMIT_PER_MINUTE,
    allowedOrigins: values.NEARFIELD_ALLOWED_ORIGINS,
    shutdownTimeoutMs: values.NEARFIELD_SHUTDOWN_TIMEOUT_MS,
    production,
    logLevel: values.LOG_LEVEL,
  };
}

function unusable(problems: readonly string[]): ConfigError {
  const lines = problems.map((problem) => `  ${problem}\n`);
  return new ConfigError(
    `Invalid settings in the environment:\n${lines.join('')}See docs/configuration.md.`,
  );
}

/** @throws ConfigError when the settings do not go together */
function readJwt(values: Values): JwtConfig | undefined {
  const {
    NEARFIELD_JWT_SECRET: secret,
    NEARFIELD_JWT_JWKS: jwks,
    NEARFIELD_JWT_ISSUER: issuer,
    NEARFIELD_JWT_AUDIENCE: audience,
  } = values;
  if (secret === undefined && jwks === undefined) return undefined;
  if (secret !== undefined && jwks !== undefined)
    throw unusable(['NEARFIELD_JWT_SECRET: cannot be set together with NEARFIELD_JWT_JWKS']);
  // The owner of the key pairs signs tokens for other services too.
  const missing =
    jwks === undefined
      ? []
      : Object.entries({ NEARFIELD_JWT_ISSUER: issuer, NEARFIELD_JWT_AUDIENCE: audience });
  const problems = missing
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${name}: is required with NEARFIELD_JWT_JWKS`);
  if (problems.length > 0) throw unusable(problems);
  return {
    keys: secret === undefined ? { jwks: jwks as string } : { secret },
    issuer,
    audience,
    roleClaim: values.NEARFIELD_JWT_ROLE_CLAIM,
    userIdClaim: values.NEARFIELD_JWT_USER_ID_CLAIM,
    clockToleranceSeconds: values.NEARFIELD_JWT_CLOCK_TOLERANCE_SECONDS,
  };
}
