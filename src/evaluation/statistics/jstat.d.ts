/** Types of the jStat functions used here; the package has none. */
declare module 'jstat' {
  export const jStat: {
    readonly studentt: {
      cdf(x: number, degreesOfFreedom: number): number;
      inv(p: number, degreesOfFreedom: number): number;
    };
    readonly normal: { cdf(x: number, mean: number, deviation: number): number };
  };
}
