/** When it is time to train again. */
import { nextAfter, reasonToTrain } from './schedule';

const at = (text: string) => new Date(`2026-03-${text}Z`);
const NIGHTLY = { cron: '0 3 * * *' };

it.each([
  ['0 3 * * *', '10T02:59:59', '10T03:00:00'],
  ['0 3 * * *', '10T03:00:00', '11T03:00:00'],
  ['*/15 * * * *', '10T10:07:00', '10T10:15:00'],
  ['30 4 * * 1', '10T00:00:00', '16T04:30:00'],
])('reads %s in UTC', (cron, from, next) => {
  expect(nextAfter(cron, at(from))).toEqual(at(next));
});

it.each([
  ['before its time', '10T04:00:00', '11T02:59:00', null],
  ['at its time', '10T04:00:00', '11T03:00:00', 'SCHEDULE'],
  ['days after it, with nobody there', '01T04:00:00', '20T12:00:00', 'SCHEDULE'],
])('follows the schedule %s', (_when, considered, now, reason) => {
  expect(reasonToTrain(NIGHTLY, { consideredAt: at(considered), now: at(now), newRatings: null })).toBe(
    reason,
  );
});

it('follows the number of new ratings', () => {
  const state = { consideredAt: at('10T00:00:00'), now: at('10T00:01:00') };
  expect(reasonToTrain({ afterRatings: 100 }, { ...state, newRatings: 99 })).toBeNull();
  expect(reasonToTrain({ afterRatings: 100 }, { ...state, newRatings: 100 })).toBe('NEW_RATINGS');
  expect(reasonToTrain({}, { ...state, newRatings: 1_000_000 })).toBeNull();
});
