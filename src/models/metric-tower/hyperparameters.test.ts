import {
  dislikedLevels,
  dislikesOf,
  hyperparametersSchema,
  leavesOut,
  publishedLevelWeights,
} from './hyperparameters';

const settings = (given: object) => hyperparametersSchema.parse(given);

describe('ratings that push away', () => {
  it('are those of so many stars or fewer; a rating of unknown value never is', () => {
    const disliked = dislikedLevels(dislikesOf(settings({ dislikeStars: 1.5 }))!);
    expect(Array.from(disliked)).toEqual([0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('weigh what is set, the others what is learned', () => {
    const learned = Float32Array.from({ length: 11 }, (_, level) => 1 + level / 8);
    const published = publishedLevelWeights(
      learned,
      dislikesOf(settings({ dislikeStars: 1, dislikeWeight: 0.25 })),
    );
    expect(Array.from(published)).toEqual([1, -0.25, -0.25, ...Array.from(learned.subarray(3))]);
    expect(publishedLevelWeights(learned, dislikesOf(settings({ dislikeStars: 0 })))).toEqual(learned);
  });

  it.each([
    [{}, 2, true],
    [{}, 2.5, false],
    [{}, 0, false],
    [{ likedTargets: 'all' }, 2, false],
    [{ dislikeStars: 0 }, 0.5, false],
  ])('are left out of what is predicted, %j, %d stars: %s', (given, stars, left) => {
    expect(leavesOut(settings(given), stars)).toBe(left);
  });
});
