/** Shows how a paper run goes: one step a training, with its epochs and the time that is left. */
import type { Stage } from '../lab/worker';
import { type EpochProgress } from '../models/system';
import type { PaperReporter, Place, TaskReporter } from '../paper/paper-run';
import type { Part } from '../paper/parts';
import type { Task } from '../paper/task';
import type { Progress, Step } from './progress';

const STAGES: Readonly<Record<Stage, string>> = {
  SELECTING: 'choosing the epochs',
  TRAINING: 'training',
  EVALUATING: 'measuring',
};
/** Before that a guess at the rest is worth nothing. */
const LEAST_FRACTION_FOR_REST = 0.03;
/** A log of hours should stay readable; a terminal has one line that moves. */
const LOG_EVERY_MS = 15_000;

/** @param revision of this code, to compare with that of kept parts */
export function createPaperReporter(
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  progress: Progress,
  revision: string | null,
): PaperReporter {
  const line = (text: string) => stream.write(`${text}\n`);
  return {
    plan: (tasks) => line(`${tasks.length} trainings.`),
    started: (task, place) =>
      taskReporter(progress.step(titleOf(task, place), 100), stream, titleOf(task, place)),
    reused: (part, place) => {
      const { revision: its } = part.environment;
      const older =
        its === revision
          ? ''
          : ` by revision ${its?.slice(0, 9) ?? 'unknown'}, which is not this one (--fresh trains it again)`;
      line(
        `${titleOf(part.task, place)} · done already, on ${part.finishedAt.slice(0, 10)}${older}: ${headline(part)}`,
      );
    },
    note: line,
  };
}

function titleOf({ algorithm, seed, scheme }: Task, { index, total }: Place): string {
  return `[${index}/${total}] ${algorithm} seed ${seed}${scheme === 'LEAVE_LAST_OUT' ? '' : ` ${scheme}`}`;
}

function taskReporter(
  step: Step,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  title: string,
): TaskReporter {
  let stage: Stage | undefined;
  let startedAt = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let latest = '';
  return {
    progress(now, fraction) {
      if (stage !== now) {
        stage = now;
        startedAt = performance.now();
        latest = '';
      } else if (!stream.isTTY && performance.now() - shownAt < LOG_EVERY_MS) return;
      shownAt = performance.now();
      step.update(
        Math.floor(fraction * 100),
        [STAGES[now], latest, rest(startedAt, fraction)].filter(Boolean).join(' · '),
      );
    },
    epoch(now, record) {
      latest = epochText(record);
      // A log keeps every epoch; on a terminal the moving line shows it.
      if (!stream.isTTY)
        stream.write(`${title} · ${STAGES[now]} · ${latest}, ${record.seconds.toFixed(1)} s\n`);
    },
    done: (part) => step.finish(headline(part)),
    failed: (reason) => step.finish(`FAILED: ${reason}`),
  };
}

function epochText({ epoch, epochs, loss, validationMetric }: EpochProgress): string {
  const validation =
    validationMetric === undefined ? '' : `, validation NDCG@20 ${validationMetric.toFixed(4)}`;
  return `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}${validation}`;
}

function rest(startedAt: number, fraction: number): string {
  if (fraction < LEAST_FRACTION_FOR_REST || fraction >= 1) return '';
  const seconds = ((performance.now() - startedAt) / 1000) * (1 / fraction - 1);
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}

/** The figure that people look for first, of each protocol. */
function headline({ task, result }: Part): string {
  const figures = task.protocols.map((protocol) => {
    const row = result.rows.find(
      (each) => each.protocol === protocol && each.metric === 'recall' && each.k === 10,
    );
    return `${protocol} recall@10 ${row ? row.mean.toFixed(4) : 'not measured'}`;
  });
  return `${figures.join(', ')}; trained in ${result.trainSeconds.toFixed(1)} s on ${result.backend}`;
}
