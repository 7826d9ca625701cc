/** The pure part of a search: what may be searched, which points are drawn, who goes on. */
import fc from 'fast-check';
import { halvingRungs, type NextStep, nextStep, type Rung, randomRungs, type TrialState } from './plan';
import { parseSpace, samplePoints, sizeOf } from './space';

describe('a space', () => {
  it.each([
    [null, 'input.search.space'],
    [[], 'input.search.space'],
    [{}, 'input.search.space'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`p${i}`, [1]])), 'input.search.space'],
    [{ margin: 3 }, 'input.search.space.margin'],
    [{ margin: null }, 'input.search.space.margin'],
    [{ margin: [] }, 'input.search.space.margin'],
    [{ margin: { min: 1 } }, 'input.search.space.margin.max'],
    [{ margin: { min: 2, max: 1 } }, 'input.search.space.margin.max'],
    [{ margin: { min: 0, max: 1, scale: 'LOG' } }, 'input.search.space.margin.min'],
    [{ margin: { min: 0, max: 1, scale: 'CUBIC' } }, 'input.search.space.margin.scale'],
    [{ margin: { min: 0.5, max: 2, integer: true } }, 'input.search.space.margin.integer'],
    [{ margin: { min: 0, max: Number.POSITIVE_INFINITY } }, 'input.search.space.margin.max'],
    [{ good: [1], margin: { min: 0, max: 1, step: 0.1 } }, 'input.search.space.margin'],
  ])('refuses %j, naming the parameter', (space, field) => {
    expect(() => parseSpace(space)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field }));
  });

  it('says how many points it has', () => {
    expect(sizeOf(parseSpace({ a: [1, 2, 2], b: { min: 3, max: 5, integer: true } }))).toBe(6);
    expect(sizeOf(parseSpace({ a: [1, 2], b: { min: 0, max: 1 } }))).toBe(Number.POSITIVE_INFINITY);
  });
});

const parameter = fc.oneof(
  fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 4 }),
  fc
    .tuple(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 500 }),
      fc.constantFrom('LINEAR', 'LOG'),
      fc.boolean(),
    )
    .map(([min, width, scale, integer]) => ({ min, max: min + width, scale, integer })),
);
const spaces = fc
  .dictionary(fc.constantFrom('alpha', 'beta', 'gamma'), parameter, { minKeys: 1 })
  .map((given) => parseSpace(given));

describe('the drawn points', () => {
  it('lie in the space, differ, are as many as asked for or as there are, and depend on nothing but the seed', () => {
    fc.assert(
      fc.property(spaces, fc.integer({ min: 1, max: 30 }), fc.nat(), (space, count, seed) => {
        const points = samplePoints(space, count, seed);
        expect(points).toHaveLength(Math.min(count, sizeOf(space)));
        expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(points.length);
        expect(samplePoints(space, count, seed)).toEqual(points);
        expect(samplePoints(space, Math.ceil(count / 2), seed)).toEqual(
          points.slice(0, Math.ceil(count / 2)),
        );
        for (const point of points) {
          expect(Object.keys(point)).toEqual([...space.keys()]);
          for (const [name, allowed] of space) {
            const value = point[name];
            if (Array.isArray(allowed)) {
              expect(allowed).toContain(value);
              continue;
            }
            expect(value).toBeGreaterThanOrEqual(allowed.min);
            expect(value).toBeLessThanOrEqual(allowed.max);
            if (allowed.integer) expect(Number.isInteger(value)).toBe(true);
          }
        }
      }),
    );
  });

  it('are even on their scale', () => {
    const space = parseSpace({
      flat: { min: 0, max: 100 },
      log: { min: 0.001, max: 10, scale: 'LOG' },
      whole: { min: 1, max: 4, integer: true },
    });
    const points = samplePoints(space, 4_000, 1);
    const share = (belongs: (point: Record<string, number>) => boolean) =>
      points.filter((point) => belongs(point as Record<string, number>)).length / points.length;
    expect(share(({ flat }) => flat < 25)).toBeCloseTo(0.25, 1);
    expect(share(({ log }) => log < 0.1)).toBeCloseTo(0.5, 1); // two of four decades
    for (const value of [1, 2, 3, 4]) expect(share(({ whole }) => whole === value)).toBeCloseTo(0.25, 1);
  });
});

describe('successive halving', () => {
  it.each([
    [9, 9, ['9@1', '3@3', '1@9']],
    [27, 30, ['27@1', '9@3', '3@10', '1@30']],
    [8, 6, ['8@2', '2@6']],
    [20, 2, ['20@2']],
    [1, 50, ['1@50']],
  ])('of %d points with %d epochs', (trials, epochs, expected) => {
    expect(halvingRungs(trials, epochs).map((rung) => `${rung.trials}@${rung.epochs}`)).toEqual(expected);
  });

  it('ends with the full budget, and never asks for more than random search does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 500 }), (trials, epochs) => {
        const rungs = halvingRungs(trials, epochs);
        expect(rungs[0].trials).toBe(trials);
        expect(rungs.at(-1)?.epochs).toBe(epochs);
        for (const [i, rung] of rungs.entries()) {
          expect(rung.trials).toBeGreaterThanOrEqual(1);
          expect(rung.epochs).toBeGreaterThanOrEqual(1);
          if (i > 0) expect(rung.trials).toBeLessThan(rungs[i - 1].trials);
          if (i > 0) expect(rung.epochs!).toBeGreaterThan(rungs[i - 1].epochs!);
        }
        const cost = rungs.reduce((sum, rung) => sum + rung.trials * rung.epochs!, 0);
        // A single halving of few epochs trains its best anew: at most one full training a survivor
        // more.
        expect(cost).toBeLessThanOrEqual(
          trials * epochs + rungs.slice(1).reduce((sum, rung) => sum + rung.trials * epochs, 0),
        );
      }),
    );
  });
});

describe('the next step', () => {
  const trial = (number: number, objective: number | null, more: Partial<TrialState> = {}): TrialState => ({
    experimentId: 100 + number,
    role: 'TRIAL',
    status: 'SUCCEEDED',
    trial: number,
    rung: 1,
    objective,
    error: null,
    ...more,
  });
  const final = (status: TrialState['status'], error: string | null = null) =>
    trial(0, null, { role: 'FINAL', status, trial: null, rung: null, error, experimentId: 200 });
  const failed = (number: number, error: string) => trial(number, null, { status: 'FAILED', error });

  it.each<[string, Rung[], TrialState[], Partial<NextStep> | object]>([
    ['waits', randomRungs(2), [trial(1, 0.1), trial(2, null, { status: 'QUEUED' })], { kind: 'WAIT' }],
    [
      'takes the best',
      randomRungs(3),
      [trial(1, 0.1), trial(2, 0.3), trial(3, 0.2)],
      { kind: 'FINAL', winner: { trial: 2 } },
    ],
    [
      'takes the earlier of two',
      randomRungs(2),
      [trial(2, 0.1), trial(1, 0.1)],
      { kind: 'FINAL', winner: { trial: 1 } },
    ],
    [
      'goes on without a failure',
      randomRungs(2),
      [failed(1, 'NaN'), trial(2, 0.2)],
      { kind: 'FINAL', winner: { trial: 2 } },
    ],
    [
      'says why there is nothing',
      randomRungs(2),
      [failed(1, 'NaN'), trial(2, null, { status: 'CANCELLED' })],
      { kind: 'END', status: 'FAILED', error: 'No trial was measured. Experiment 101: NaN' },
    ],
    [
      'goes up a rung',
      halvingRungs(3, 3),
      [trial(1, 0.1), trial(2, 0.3), trial(3, 0.2)],
      { kind: 'RUNG', rung: 2, epochs: 3, from: [expect.objectContaining({ trial: 2 })] },
    ],
    [
      'ends with the last rung',
      halvingRungs(3, 3),
      [trial(1, 0.9), trial(2, 0.3, { rung: 2 })],
      { kind: 'FINAL', winner: { trial: 2, rung: 2 } },
    ],
    [
      'ends with the final training',
      randomRungs(1),
      [trial(1, 0.1), final('SUCCEEDED')],
      { kind: 'END', status: 'SUCCEEDED', error: null },
    ],
    [
      'fails with the final training',
      randomRungs(1),
      [trial(1, 0.1), final('FAILED', 'out of memory')],
      { kind: 'END', status: 'FAILED', error: 'The final training, experiment 200, failed: out of memory' },
    ],
  ])('%s', (_name, rungs, states, expected) => {
    expect(nextStep(rungs, states)).toMatchObject(expected);
  });

  it('always ends, whatever becomes of the trainings', () => {
    const outcome = fc.record({
      status: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'CANCELLED' as const),
      value: fc.double(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(outcome),
        (trials, epochs, outcomes) => {
          const rungs = halvingRungs(trials, epochs);
          const draw = (): Pick<TrialState, 'status' | 'objective'> => {
            const { status, value } = outcomes.next().value;
            return { status, objective: status === 'SUCCEEDED' && !Number.isNaN(value) ? value : null };
          };
          const states = Array.from({ length: trials }, (_, i) => trial(i + 1, null, draw()));
          for (let steps = 0; steps <= rungs.length + 1; steps++) {
            const step = nextStep(rungs, states);
            if (step.kind === 'END') return;
            if (step.kind === 'FINAL') states.push({ ...final('SUCCEEDED'), status: draw().status });
            if (step.kind !== 'RUNG') continue;
            expect(step.from.length).toBeLessThanOrEqual(rungs[step.rung - 1].trials);
            for (const { trial: number } of step.from)
              states.push(trial(number!, null, { rung: step.rung, ...draw() }));
          }
          throw new Error('It goes on for ever.');
        },
      ),
    );
  });
});
