/** When it is time to train again. Pure. */
import { Cron } from 'croner';

export interface RetrainingRules {
  /** Five fields (minute, hour, day of the month, month, day of the week), UTC. */
  readonly cron?: string | undefined;
  /** Number of new ratings since the last training. */
  readonly afterRatings?: number | undefined;
}

export type RetrainingReason = 'SCHEDULE' | 'NEW_RATINGS';

/** @returns the first moment after `from` that the expression names; null when there is none */
export function nextAfter(cron: string, from: Date): Date | null {
  return new Cron(cron, { timezone: 'UTC' }).nextRun(from);
}

/** @param state.consideredAt when a training last began by itself, or the schedule was set: what
 *    was due since then is made up for once, however long the server was down
 *  @returns why to train now; null: it is not time yet */
export function reasonToTrain(
  { cron, afterRatings }: RetrainingRules,
  state: { readonly consideredAt: Date; readonly now: Date; readonly newRatings: number | null },
): RetrainingReason | null {
  const due = cron === undefined ? null : nextAfter(cron, state.consideredAt);
  if (due !== null && due <= state.now) return 'SCHEDULE';
  return afterRatings !== undefined && (state.newRatings ?? 0) >= afterRatings ? 'NEW_RATINGS' : null;
}
