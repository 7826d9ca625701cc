/** A recipe: tuned hyperparameters from a file, `{"CML": {"hyperparameters": {…}, "epochs": 30},
 *  …}`. What it was tuned on is for it to say; the number of epochs is part of it, so no validation
 *  data are kept back for early stopping. */
import { z } from 'zod';
import { BadUserInputError } from '../errors';
import { MOVIE_SYSTEM_NAMES, type MovieSystemName } from '../models/systems';

/** Further fields are for people (how it was tuned, what it took), and are kept in run.json. */
const entry = z.looseObject({
  hyperparameters: z.record(z.string(), z.unknown()).default({}),
  /** Beside the hyperparameters, or among them */
  epochs: z.int().min(1).optional(),
});
const schema = z.partialRecord(z.enum(MOVIE_SYSTEM_NAMES), entry);

export type Recipe = Readonly<Partial<Record<MovieSystemName, z.output<typeof entry>>>>;

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
