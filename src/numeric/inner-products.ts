/** Scores of the whole catalogue for one query in the systems that rank by inner product. */

/** @param query [d]
 *  @param items [I, d] row-major
 *  @param out   [I], overwritten with query · item, summed in double precision */
export function innerProducts(query: Float64Array, items: Float32Array, out: Float32Array): void {
  const d = query.length;
  const whole = out.length - (out.length % 4);
  let item = 0;
  for (; item < whole; item += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const a = item * d;
    const b = a + d;
    const c = b + d;
    const e = c + d;
    for (let k = 0; k < d; k++) {
      const q = query[k];
      s0 += q * items[a + k];
      s1 += q * items[b + k];
      s2 += q * items[c + k];
      s3 += q * items[e + k];
    }
    out[item] = s0;
    out[item + 1] = s1;
    out[item + 2] = s2;
    out[item + 3] = s3;
  }
  for (; item < out.length; item++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += query[k] * items[item * d + k];
    out[item] = sum;
  }
}
