import { dataOf } from '../../test/fixtures/training-data';
import { ageGroup, countDemographics, demographicPrior, groupsOf } from './demographic-prior';

const person = (gender: string | null, age: number | null = null, occupation: string | null = null) => ({
  gender,
  age,
  occupation,
});
// Women rate item 0, men item 1, everybody item 2.
const data = {
  ...dataOf(
    [
      [0, 2],
      [0, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ],
    4,
  ),
  demographics: [
    person('F', 25),
    person('F', 30),
    person('M', 56),
    person('M'),
    person('M', null, 'artist'),
  ],
};
const counts = countDemographics(data);

describe('the prior by demographic group', () => {
  it('counts users, in all and by group', () => {
    expect(counts.all).toEqual({ users: 5, items: Float64Array.of(2, 3, 5, 0) });
    expect(counts.groups.get('gender:F')).toEqual({ users: 2, items: Float64Array.of(2, 0, 2, 0) });
    expect(counts.groups.get('age:25')?.users).toBe(2);
    expect([...counts.groups.keys()].sort()).toEqual([
      'age:25',
      'age:56',
      'gender:F',
      'gender:M',
      'occupation:artist',
    ]);
  });

  it('is the mean of the smoothed shares', () => {
    const prior = demographicPrior(counts, person('F', 27));
    // Both groups are the same two women: (2 + 20 · 2/5) / (2 + 20).
    expect(prior?.[0]).toBeCloseTo(10 / 22, 12);
    expect(prior?.[1]).toBeCloseTo(12 / 22, 12);
    expect(prior?.[2]).toBeCloseTo(1, 12);
    expect(prior?.[3]).toBe(0);
  });

  it('has nothing to say of somebody of no known group', () => {
    expect(demographicPrior(counts, person(null))).toBeNull();
    expect(demographicPrior(counts, undefined)).toBeNull();
    expect(demographicPrior(counts, person(null, null, 'astronaut'))).toBeNull();
    expect(demographicPrior(countDemographics({ ...data, demographics: null }), person('F'))).toBeNull();
  });

  it.each([
    [0, 1],
    [17, 1],
    [18, 18],
    [34, 25],
    [56, 56],
    [130, 56],
  ])('puts the age %d into the group from %d', (age, group) => {
    expect(ageGroup(age)).toBe(group);
  });

  it('names only what is known', () => {
    expect(groupsOf(person('M', null, 'writer'))).toEqual(['gender:M', 'occupation:writer']);
  });
});
