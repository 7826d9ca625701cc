/** The process that trains one system: what it takes is given back when it ends, and a crash is its
 *  own. */
import { unpackTrainingData } from '../interactions/transfer';
import { trainAndMeasure } from '../lab/train';
import { serve } from '../lab/worker';
import { systemNamed } from '../models/systems';
import { quietNativeLog } from '../tensor/engine';
import { type Task, type TaskData, type TaskResult, taskResult } from './task';

quietNativeLog();
serve<Task, TaskData, TaskResult>((task) => ({
  async run({ data, negatives }, hooks) {
    const measured = await trainAndMeasure(
      systemNamed(task.algorithm),
      unpackTrainingData(data),
      { ...task, parts: ['TEST'], negatives: negatives ?? undefined },
      hooks,
    );
    return taskResult(task, measured, Math.round(process.resourceUsage().maxRSS / 1024));
  },
}));
