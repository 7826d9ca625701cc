/** A tower trained with the defaults on ml-latest-small, as the product trains it: the last rating
 *  of each user is held out for the test, the one before for validation. Kept in a file, so that
 *  one training serves several benchmarks. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { prepareSplit } from '#dist/interactions/splits.js';
import { decodeArtifact, encodeArtifact } from '#dist/models/artifact.js';
import { readDataset } from '#dist/paper/data/read-dataset.js';
import { logEpochs, trainTower } from './study.mjs';

/** @param {string} file where the model is, or goes to
 *  @returns the artifact, the data set and its split */
export async function trainedTower(file) {
  const dataset = await readDataset('seeds/ml-latest-small');
  const split = prepareSplit(dataset.data);
  if (existsSync(file)) return { artifact: decodeArtifact(readFileSync(file)), dataset, split };
  console.error(`Training the default tower, kept in ${file} …`);
  const { model } = await trainTower(split, { onEpoch: logEpochs('TWO_TOWER') });
  const artifact = model.save();
  writeFileSync(file, encodeArtifact(artifact));
  return { artifact, dataset, split };
}
