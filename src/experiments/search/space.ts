/** What a client may search, for each hyperparameter a list of choices or a range, and the points
 *  that are drawn from it: random search (Bergstra and Bengio, JMLR 2012), independent draws, which
 *  explore each hyperparameter better than a grid. Pure. */
import { z } from 'zod';
import { BadUserInputError } from '../../errors';
import { Random } from '../../numeric/random';

export const MOST_PARAMETERS = 20;
const MOST_CHOICES = 100;

const range = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    scale: z.enum(['LINEAR', 'LOG']).default('LINEAR'),
    integer: z.boolean().default(false),
  })
  .refine(({ min, max }) => min < max, { path: ['max'], error: 'must be above min' })
  .refine(({ scale, min }) => scale !== 'LOG' || min > 0, {
    path: ['min'],
    error: 'a logarithmic range must start above 0',
  })
  .refine(({ integer, min, max }) => !integer || (Number.isSafeInteger(min) && Number.isSafeInteger(max)), {
    path: ['integer'],
    error: 'min and max must be whole numbers when integer is true',
  });
const choices = z
  .array(z.json())
  .min(1, 'a list must have at least one choice')
  .max(MOST_CHOICES, `a list may have at most ${MOST_CHOICES} choices`);

export type Range = z.output<typeof range>;
export type Choices = z.output<typeof choices>;
/** By hyperparameter, in the order of their names: the same space gives the same points however it
 *  was written. */
export type SearchSpace = ReadonlyMap<string, Range | Choices>;

/** @param given as a client sends it: `{ learningRate: { min: 0.001, max: 0.1, scale: "LOG" },
 *    embeddingSize: [32, 64] }`
 *  @param field  its place in the input
 *  @throws BadUserInputError naming the parameter */
export function parseSpace(given: unknown, field = 'input.search.space'): SearchSpace {
  const entries =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : [];
  if (entries.length === 0)
    throw new BadUserInputError(
      field,
      'A search space must have at least one hyperparameter, with choices or a range.',
    );
  if (entries.length > MOST_PARAMETERS)
    throw new BadUserInputError(
      field,
      `A search space may have at most ${MOST_PARAMETERS} hyperparameters.`,
    );
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(entries.map(([name, value]) => [name, parseParameter(name, value, field)]));
}

function parseParameter(name: string, value: unknown, field: string): Range | Choices {
  if (typeof value !== 'object' || value === null) {
    const message = `${name}: must be a list of choices, or { min, max, scale: LINEAR or LOG, integer }.`;
    throw new BadUserInputError(`${field}.${name}`, message);
  }
  const parsed = Array.isArray(value) ? choices.safeParse(value) : range.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BadUserInputError(
    [field, name, ...issue.path.map(String)].join('.'),
    `${[name, ...issue.path].join('.')}: ${issue.message}.`,
  );
}

/** @returns how many points the space has; Infinity with a range of real numbers */
export function sizeOf(space: SearchSpace): number {
  let size = 1;
  for (const parameter of space.values()) {
    if (Array.isArray(parameter)) size *= new Set(parameter.map((choice) => JSON.stringify(choice))).size;
    else size *= parameter.integer ? parameter.max - parameter.min + 1 : Number.POSITIVE_INFINITY;
  }
  return size;
}

/** By hyperparameter. */
export type Point = Readonly<Record<string, unknown>>;

/** Draws in vain in a row after which a small space counts as exhausted: a point of chance 1 in
 *  1,000 is missed with 5e-5. */
const PATIENCE = 10_000;

/** @returns `count` different points, or all there are in a smaller space; the same seed gives the
 *    same ones, and a smaller count the first of them */
export function samplePoints(space: SearchSpace, count: number, seed: number): Point[] {
  const random = new Random(seed);
  const points = new Map<string, Point>();
  const wanted = Math.min(count, sizeOf(space));
  for (let vain = 0; points.size < wanted && vain < PATIENCE; ) {
    const point = Object.fromEntries(
      [...space].map(([name, parameter]) => [name, draw(parameter, random)]),
    );
    const key = JSON.stringify(point);
    vain = points.has(key) ? vain + 1 : 0;
    points.set(key, point);
  }
  return [...points.values()];
}

function draw(parameter: Range | Choices, random: Random): unknown {
  if (Array.isArray(parameter)) return parameter[random.integerBelow(parameter.length)];
  const { min, max, scale, integer } = parameter;
  // A whole number represents the unit interval above it, so that each is as likely as its share of
  // the scale.
  const [from, to] = integer ? [min, max + 1] : [min, max];
  const at = random.uniform();
  const value =
    scale === 'LOG' ? Math.exp(Math.log(from) + at * Math.log(to / from)) : from + at * (to - from);
  // Six digits say all that a hyperparameter needs, and are readable.
  const rounded = integer ? Math.floor(value) : Number(value.toPrecision(6));
  return Math.min(max, Math.max(min, rounded));
}
