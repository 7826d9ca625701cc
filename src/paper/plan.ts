/** What is to be trained: from the options and a recipe to a list of tasks. Pure. */
import { z } from 'zod';
import { BadUserInputError } from '../errors';
import type { ProtocolName } from '../evaluation/protocols';
import { schemeOf } from '../evaluation/protocols';
import type { SplitScheme } from '../interactions/splits';
import type { Fitting } from '../lab/train';
import { MOVIE_SYSTEM_NAMES, type MovieSystem, type MovieSystemName, systemNamed } from '../models/systems';
import type { Backend, Task } from './task';

/** Further fields are for people (how it was tuned, what it took), and are kept in run.json. */
const entry = z.looseObject({
  hyperparameters: z.record(z.string(), z.unknown()).default({}),
  /** Next to the hyperparameters, or among them */
  epochs: z.int().min(1).optional(),
});
const schema = z.partialRecord(z.enum(MOVIE_SYSTEM_NAMES), entry);

/** A recipe: tuned hyperparameters from a file, `{"CML": {"hyperparameters": {…}, "epochs": 30},
 *  …}`. What it was tuned on is for it to say; the number of epochs is part of it, so no validation
 *  data are kept back for early stopping. */
export type Recipe = Readonly<Partial<Record<MovieSystemName, z.output<typeof entry>>>>;

export interface PaperOptions {
  readonly algorithms: readonly MovieSystemName[];
  /** Largest seed of each system, from 1; a system without randomness gets seed 1 alone */
  readonly seeds: number;
  /** Other numbers of seeds for some systems */
  readonly seedsOf: Readonly<Partial<Record<MovieSystemName, number>>>;
  readonly protocols: readonly ProtocolName[];
  readonly backend: Backend;
  /** Given for this run, above those of the recipe and the defaults */
  readonly settings: Readonly<Partial<Record<MovieSystemName, Readonly<Record<string, unknown>>>>>;
  readonly recipe: Recipe;
  /** False: where early stopping is needed, its own model is measured, without a second fit */
  readonly refit: boolean;
}

/** Every system with the first seed before any with the second, so that a run that is cut short has
 *  whole tables.
 *  @throws BadUserInputError naming the hyperparameter at fault */
export function planTasks(options: PaperOptions): Task[] {
  const systems = options.algorithms.map((name) => {
    const system = systemNamed(name);
    const { hyperparameters, fitting } = settingsOf(system, options);
    const seeds = system.seedless ? 1 : (options.seedsOf[name] ?? options.seeds);
    return { algorithm: name, hyperparameters, fitting, seeds };
  });
  const most = Math.max(0, ...systems.map(({ seeds }) => seeds));
  const tasks: Task[] = [];
  for (let seed = 1; seed <= most; seed++) {
    for (const [scheme, protocols] of byScheme(options.protocols)) {
      for (const { seeds, ...system } of systems) {
        if (seed <= seeds) tasks.push({ ...system, seed, scheme, protocols, backend: options.backend });
      }
    }
  }
  return tasks;
}

function byScheme(protocols: readonly ProtocolName[]): Map<SplitScheme, ProtocolName[]> {
  const groups = new Map<SplitScheme, ProtocolName[]>();
  for (const protocol of new Set(protocols)) {
    const scheme = schemeOf(protocol);
    groups.set(scheme, [...(groups.get(scheme) ?? []), protocol]);
  }
  return groups;
}

/** A recipe gives the number of epochs; systems without epochs need none. */
function settingsOf(
  algorithm: MovieSystem,
  options: PaperOptions,
): Pick<Task, 'hyperparameters' | 'fitting'> {
  const { name } = algorithm;
  const recipe = options.recipe[name];
  const given = {
    ...recipe?.hyperparameters,
    ...(recipe?.epochs !== undefined && { epochs: recipe.epochs }),
    ...options.settings[name],
  };
  const parsed = algorithm.hyperparameters.safeParse(given);
  if (!parsed.success) throw settingError(name, parsed.error);
  const hyperparameters = parsed.data as Record<string, unknown>;
  const stopsEarly = 'epochs' in hyperparameters && recipe === undefined;
  const fitting: Fitting = stopsEarly ? (options.refit ? 'REFIT' : 'EARLY_STOPPING') : 'FIXED';
  return { hyperparameters, fitting };
}

function settingError(name: MovieSystemName, { issues: [issue] }: z.ZodError): BadUserInputError {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const field = [name, ...path.map(String)].join('.');
  return new BadUserInputError(field, `${field}: ${issue.message}`);
}

/** @param file its name, for the message
 *  @throws BadUserInputError naming the file and the field */
export function parseRecipe(text: string, file: string): Recipe {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BadUserInputError('recipe', `${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  throw new BadUserInputError(
    ['recipe', ...path.map(String)].join('.'),
    `${file}, ${path.join('.') || 'whole file'}: ${issue.message}`,
  );
}
