/** Shows what the seeder does: each of its stages becomes a step, ended when the next one
 *  begins. */
import type { SeedProgress } from '../datasets/seed';
import type { Progress, Step } from './progress';

export interface Stages {
  show(progress: SeedProgress): void;
  end(): void;
}

export function createStages(progress: Progress): Stages {
  let stage = '';
  let step: Step | undefined;
  return {
    show(update) {
      if (update.stage !== stage) {
        step?.finish();
        stage = update.stage;
        step = progress.step(stage, update.total);
      }
      step?.update(update.done);
    },
    end() {
      step?.finish();
      step = undefined;
      stage = '';
    },
  };
}
