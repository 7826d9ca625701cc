/** What is to be trained: from the options to a list of tasks. Pure. */
import type { ZodError } from 'zod';
import { BadUserInputError } from '../errors';
import type { ProtocolName } from '../evaluation/protocols';
import { schemeOf } from '../evaluation/protocols';
import type { SplitScheme } from '../interactions/splits';
import {
  ALGORITHM_NAMES,
  type Algorithm,
  type AlgorithmName,
  SEEDLESS_ALGORITHMS,
} from '../models/algorithm';
import type { Recipe } from './recipe';
import type { Backend, Fitting, Task } from './task';

export interface PaperOptions {
  readonly algorithms: readonly AlgorithmName[];
  /** 1 to so many for each system; a system without randomness gets seed 1 alone */
  readonly seeds: number;
  /** Other numbers of seeds for some systems */
  readonly seedsOf: Readonly<Partial<Record<AlgorithmName, number>>>;
  readonly protocols: readonly ProtocolName[];
  readonly backend: Backend;
  /** Given for this run, above those of the recipe and the defaults */
  readonly settings: Readonly<Partial<Record<AlgorithmName, Readonly<Record<string, unknown>>>>>;
  readonly recipe: Recipe;
  /** False: where early stopping is needed, its own model is measured, without a second fit */
  readonly refit: boolean;
}

/** Every system with the first seed before any with the second, so that a run that is cut short has
 *  whole tables.
 *  @throws BadUserInputError naming the hyperparameter at fault */
export function planTasks(
  options: PaperOptions,
  registry: Readonly<Record<AlgorithmName, Algorithm>>,
): Task[] {
  const systems = options.algorithms.map((name) => {
    const { hyperparameters, fitting } = settingsOf(registry[name], options);
    const seeds = SEEDLESS_ALGORITHMS.has(name) ? 1 : (options.seedsOf[name] ?? options.seeds);
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

/** A recipe says how long to train; what has no epochs needs not be told. */
function settingsOf(algorithm: Algorithm, options: PaperOptions): Pick<Task, 'hyperparameters' | 'fitting'> {
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

function settingError(name: AlgorithmName, { issues: [issue] }: ZodError): BadUserInputError {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  const field = [name, ...path.map(String)].join('.');
  return new BadUserInputError(field, `${field}: ${issue.message}`);
}

/** @throws BadUserInputError for a name that is no system */
export function algorithmNamed(name: string, field: string): AlgorithmName {
  const known = ALGORITHM_NAMES.find((each) => each === name);
  if (!known)
    throw new BadUserInputError(
      field,
      `${field}: there is no system ${name}; there are ${ALGORITHM_NAMES.join(', ')}.`,
    );
  return known;
}
