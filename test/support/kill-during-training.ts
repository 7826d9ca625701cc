/** A process of our own that dies by SIGKILL while it trains. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from './training-runner';

/** @param place where its database is; with `space`, it searches hyperparameters of ITEM_KNN
 *    instead of training POPULARITY once
 *  @throws Error with the output when the process ends by itself */
export async function killDuringTraining(place: {
  databaseUrl?: string | undefined;
  dataDir: string;
  space?: object;
}): Promise<void> {
  const child = spawn(process.execPath, [join(__dirname, 'train-for-ever.cjs'), JSON.stringify(place)]);
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await until(async () => output.includes('TRAINING') || child.exitCode !== null, 30_000);
    if (child.exitCode !== null) throw new Error(`The process ended by itself:\n${output}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
