/** What is trained, with what, how often, in which order. */
import { bprMf } from '../models/bpr-mf';
import { type PaperOptions, parseRecipe, planTasks } from './plan';

const options: PaperOptions = {
  algorithms: ['EASE', 'BPR_MF'],
  seeds: 1,
  seedsOf: {},
  protocols: ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM'],
  backend: 'auto',
  settings: {},
  recipe: {},
  refit: true,
};
const plan = (given: Partial<PaperOptions>) => planTasks({ ...options, ...given });

describe('planTasks', () => {
  it('trains once for all protocols of a split, and every system before the second seed', () => {
    const tasks = plan({
      seeds: 2,
      seedsOf: { BPR_MF: 3 },
      protocols: ['SAMPLED_LAST_ITEM', 'FULL_HOLDOUT', 'FULL_LAST_ITEM'],
    });
    expect(tasks.map(({ algorithm, seed, scheme }) => `${algorithm} ${seed} ${scheme}`)).toEqual([
      'EASE 1 LEAVE_LAST_OUT',
      'BPR_MF 1 LEAVE_LAST_OUT',
      'EASE 1 HOLDOUT',
      'BPR_MF 1 HOLDOUT',
      'BPR_MF 2 LEAVE_LAST_OUT',
      'BPR_MF 2 HOLDOUT',
      'BPR_MF 3 LEAVE_LAST_OUT',
      'BPR_MF 3 HOLDOUT',
    ]);
    expect(tasks[0].protocols).toEqual(['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM']);
  });

  it('looks for the number of epochs where there are any, unless a recipe says it', () => {
    const fitting = (given: Partial<PaperOptions>) => plan(given).map((task) => task.fitting);
    expect(fitting({})).toEqual(['FIXED', 'REFIT']);
    expect(fitting({ refit: false })).toEqual(['FIXED', 'EARLY_STOPPING']);
    expect(fitting({ recipe: { BPR_MF: { hyperparameters: {}, epochs: 4 } } })).toEqual(['FIXED', 'FIXED']);
  });

  it('takes what is given for this run above the recipe, and the recipe above the defaults', () => {
    const recipe = parseRecipe(
      '{"BPR_MF": {"hyperparameters": {"learningRate": 0.2, "epochs": 9}, "tunedOn": "validation"}}',
      'r.json',
    );
    const [task] = plan({ algorithms: ['BPR_MF'], recipe, settings: { BPR_MF: { epochs: 3 } } });
    expect(task.hyperparameters).toMatchObject({ learningRate: 0.2, epochs: 3 });
    expect(task.hyperparameters).toEqual(bprMf.hyperparameters.parse({ learningRate: 0.2, epochs: 3 }));
  });

  it.each([
    [{ EASE: { regularization: -1 } }, /^EASE\.regularization: /],
    [{ EASE: { lambda: 1 } }, /^EASE\.lambda: /],
  ])('refuses %j by its name', (settings, message) => {
    expect(() => plan({ settings })).toThrow(message);
  });

  it.each([
    ['{', 'r.json is not JSON'],
    ['{"NOBODY": {}}', 'r.json, NOBODY'],
    ['{"EASE": {"epochs": 0}}', 'r.json, EASE.epochs'],
    ['[]', 'r.json, whole file'],
  ])('refuses the recipe %s', (text, message) => {
    expect(() => parseRecipe(text, 'r.json')).toThrow(message);
  });
});
