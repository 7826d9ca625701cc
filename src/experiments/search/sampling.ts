/** Random search (Bergstra and Bengio, JMLR 2012): independent draws, which explore each
 *  hyperparameter better than a grid. Pure. */
import { Random } from '../../numeric/random';
import { type Choices, type Range, type SearchSpace, sizeOf } from './space';

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
    const point = Object.fromEntries([...space].map(([name, parameter]) => [name, draw(parameter, random)]));
    const key = JSON.stringify(point);
    vain = points.has(key) ? vain + 1 : 0;
    points.set(key, point);
  }
  return [...points.values()];
}

function draw(parameter: Range | Choices, random: Random): unknown {
  if (Array.isArray(parameter)) return parameter[random.integerBelow(parameter.length)];
  const { min, max, scale, integer } = parameter;
  // A whole number stands for the unit above it, so that each is as likely as its share of the
  // scale.
  const [from, to] = integer ? [min, max + 1] : [min, max];
  const at = random.uniform();
  const value =
    scale === 'LOG' ? Math.exp(Math.log(from) + at * Math.log(to / from)) : from + at * (to - from);
  // Six digits say all that a hyperparameter needs, and are readable.
  const rounded = integer ? Math.floor(value) : Number(value.toPrecision(6));
  return Math.min(max, Math.max(min, rounded));
}
