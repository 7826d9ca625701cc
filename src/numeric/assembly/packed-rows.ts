// @ts-nocheck: AssemblyScript, compiled to WebAssembly by scripts/build-kernel.mjs (`asc`), not by tsc. Types: ./tsconfig.json.
/** The loops of `PlainPackedRows` with 128-bit SIMD, two dimensions at a time in double precision
 *  where the plain twin has doubles, and in the same order: what comes out is the same to the last
 *  bit, which a test holds the two to.
 *
 *  The caller (`packed-rows-simd.ts`) places the arrays; addresses are in bytes. Widths are in
 *  numbers: whole fours go through SIMD, what is left one by one. */

function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 0, 1));
}

function single(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

/** Four of single precision at `to` plus four of double. */
function addAt(to: usize, a: v128, b: v128): void {
  const former = v128.load(to);
  v128.store(to, single(f64x2.add(low(former), a), f64x2.add(high(former), b)));
}

/** Lane after lane, as a loop over dimensions adds them. */
function plus(sum: f64, products: v128): f64 {
  return sum + f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1);
}

function minus(sum: f64, products: v128): f64 {
  return sum - f64x2.extract_lane(products, 0) - f64x2.extract_lane(products, 1);
}

function f32At(array: usize, index: i32): f32 {
  return load<f32>(array + ((<usize>index) << 2));
}

function f64At(array: usize, index: i32): f64 {
  return load<f64>(array + ((<usize>index) << 3));
}

function i32At(array: usize, index: i32): i32 {
  return load<i32>(array + ((<usize>index) << 2));
}

/** out_j = mask_j ⊙ (w(level_j) · point(row_j)). rows [n] i32, levels [n] u8, weights [L] f32, mask
 *  [n, d] f32 or 0, out [n, d] f32. */
export function weigh(
  n: i32,
  d: i32,
  points: usize,
  rows: usize,
  levels: usize,
  weights: usize,
  mask: usize,
  out: usize,
): void {
  const stride = (<usize>d) << 2;
  const fours = (<usize>(d & ~3)) << 2;
  for (let j = 0; j < n; j++, out += stride) {
    const own = f32At(weights, load<u8>(levels + j));
    const owns = f32x4.splat(own);
    const from = points + <usize>i32At(rows, j) * stride;
    let k: usize = 0;
    for (; k < fours; k += 16) {
      const x = f32x4.mul(owns, v128.load(from + k));
      v128.store(out + k, mask === 0 ? x : f32x4.mul(x, v128.load(mask + k)));
    }
    for (; k < stride; k += 4) {
      const x = own * load<f32>(from + k);
      store<f32>(out + k, mask === 0 ? x : x * load<f32>(mask + k));
    }
    if (mask !== 0) mask += stride;
  }
}

/** The gradient of `weigh`. slope [n, d]; forPoints [R, d] and forWeights [L] are added to. */
export function weighGradient(
  n: i32,
  d: i32,
  points: usize,
  rows: usize,
  levels: usize,
  weights: usize,
  mask: usize,
  slope: usize,
  forPoints: usize,
  forWeights: usize,
): void {
  const stride = (<usize>d) << 2;
  const fours = (<usize>(d & ~3)) << 2;
  for (let j = 0; j < n; j++, slope += stride) {
    const level: i32 = load<u8>(levels + j);
    const own: f64 = f32At(weights, level);
    const owns = f64x2.splat(own);
    const offset = <usize>i32At(rows, j) * stride;
    const from = points + offset;
    const to = forPoints + offset;
    let along: f64 = 0;
    let k: usize = 0;
    for (; k < fours; k += 16) {
      const above = v128.load(slope + k);
      const shown = mask === 0 ? above : f32x4.mul(above, v128.load(mask + k));
      const a = low(shown);
      const b = high(shown);
      addAt(to + k, f64x2.mul(a, owns), f64x2.mul(b, owns));
      const point = v128.load(from + k);
      along = plus(plus(along, f64x2.mul(a, low(point))), f64x2.mul(b, high(point)));
    }
    for (; k < stride; k += 4) {
      const shown: f64 = mask === 0 ? load<f32>(slope + k) : load<f32>(slope + k) * load<f32>(mask + k);
      store<f32>(to + k, <f32>(<f64>load<f32>(to + k) + shown * own));
      along += shown * <f64>load<f32>(from + k);
    }
    if (mask !== 0) mask += stride;
    const weight = forWeights + ((<usize>level) << 2);
    store<f32>(weight, <f32>(<f64>load<f32>(weight) + along));
  }
}

/** One pool: out_t = share_t · S_t with S_t = x_t + decay · S_(t−1) in each of the histories. x [N,
 *  d] f32, offsets [histories + 1] i32, shares [N] f64, sum [d] f64 (scratch), out [N, d] f32. */
export function pool(
  histories: i32,
  d: i32,
  x: usize,
  offsets: usize,
  decay: f64,
  shares: usize,
  sum: usize,
  out: usize,
): void {
  const fours = d & ~3;
  const decays = f64x2.splat(decay);
  const stride = (<usize>d) << 2;
  for (let s = 0; s < histories; s++) {
    memory.fill(sum, 0, (<usize>d) << 3);
    const end = i32At(offsets, s + 1);
    for (let t = i32At(offsets, s); t < end; t++) {
      const share = f64At(shares, t);
      const shared = f64x2.splat(share);
      let from = x + <usize>t * stride;
      let to = out + <usize>t * stride;
      let at = sum;
      let k = 0;
      for (; k < fours; k += 4, from += 16, to += 16, at += 32) {
        const value = v128.load(from);
        const a = f64x2.add(low(value), f64x2.mul(decays, v128.load(at)));
        const b = f64x2.add(high(value), f64x2.mul(decays, v128.load(at, 16)));
        v128.store(at, a);
        v128.store(at, b, 16);
        v128.store(to, single(f64x2.mul(a, shared), f64x2.mul(b, shared)));
      }
      for (; k < d; k++, from += 4, to += 4, at += 8) {
        const next = <f64>load<f32>(from) + decay * load<f64>(at);
        store<f64>(at, next);
        store<f32>(to, <f32>(next * share));
      }
    }
  }
}

/** The gradient of `pool`. totals Z [N], shares Z^−a [N], raised Z^a [N], all f64; carried [d] f64
 *  (scratch); slope and output [N, d] f32 of this pool; forX [N, d] is added to. @returns the
 *  gradient in the decay */
export function poolGradient(
  histories: i32,
  d: i32,
  offsets: usize,
  decay: f64,
  power: f64,
  totals: usize,
  shares: usize,
  raised: usize,
  carried: usize,
  slope: usize,
  output: usize,
  forX: usize,
): f64 {
  const fours = d & ~3;
  const decays = f64x2.splat(decay);
  const stride = (<usize>d) << 2;
  let forDecay: f64 = 0;
  for (let s = 0; s < histories; s++) {
    memory.fill(carried, 0, (<usize>d) << 3);
    const from = i32At(offsets, s);
    let carriedTotal: f64 = 0;
    for (let t = i32At(offsets, s + 1) - 1; t >= from; t--) {
      const share = f64At(shares, t);
      const shared = f64x2.splat(share);
      const earlier = t > from ? stride : 0; // the position before, or any when it does not count
      const row = <usize>t * stride;
      let above = slope + row;
      let own = output + row;
      let to = forX + row;
      let at = carried;
      let forTotal: f64 = 0;
      let along: f64 = 0;
      let k = 0;
      for (; k < fours; k += 4, above += 16, own += 16, to += 16, at += 32) {
        const given = v128.load(above);
        const g0 = low(given);
        const g1 = high(given);
        const whole0 = f64x2.add(f64x2.mul(g0, shared), f64x2.mul(decays, v128.load(at)));
        const whole1 = f64x2.add(f64x2.mul(g1, shared), f64x2.mul(decays, v128.load(at, 16)));
        v128.store(at, whole0);
        v128.store(at, whole1, 16);
        addAt(to, whole0, whole1);
        const here = v128.load(own);
        forTotal = minus(minus(forTotal, f64x2.mul(g0, low(here))), f64x2.mul(g1, high(here)));
        const before = v128.load(own - earlier);
        along = plus(plus(along, f64x2.mul(whole0, low(before))), f64x2.mul(whole1, high(before)));
      }
      for (; k < d; k++, above += 4, own += 4, to += 4, at += 8) {
        const given: f64 = load<f32>(above);
        const whole = given * share + decay * load<f64>(at);
        store<f64>(at, whole);
        store<f32>(to, <f32>(<f64>load<f32>(to) + whole));
        forTotal -= given * <f64>load<f32>(own);
        along += whole * <f64>load<f32>(own - earlier);
      }
      carriedTotal = (power * forTotal) / f64At(totals, t) + decay * carriedTotal;
      if (t > from) forDecay += along * f64At(raised, t - 1) + carriedTotal * f64At(totals, t - 1);
    }
  }
  return forDecay;
}

/** out_t = Σ_(j < places) gate_j ⊙ x_(t−j) in each of the histories. x [N, d] f32, gates [places,
 *  d] f64, out [N, d] f32. */
export function gate(
  histories: i32,
  d: i32,
  places: i32,
  x: usize,
  gates: usize,
  offsets: usize,
  out: usize,
): void {
  const fours = d & ~3;
  const stride = (<usize>d) << 2;
  const gateStride = stride << 1;
  for (let s = 0; s < histories; s++) {
    const start = i32At(offsets, s);
    const end = i32At(offsets, s + 1);
    for (let t = start; t < end; t++) {
      const reach = min(places, t - start + 1);
      let from = x + <usize>t * stride;
      let to = out + <usize>t * stride;
      let own = gates;
      let k = 0;
      for (; k < fours; k += 4, from += 16, to += 16, own += 32) {
        let a = f64x2.splat(0);
        let b = f64x2.splat(0);
        let value = from;
        let weight = own;
        for (let place = 0; place < reach; place++, value -= stride, weight += gateStride) {
          const known = v128.load(value);
          a = f64x2.add(a, f64x2.mul(v128.load(weight), low(known)));
          b = f64x2.add(b, f64x2.mul(v128.load(weight, 16), high(known)));
        }
        v128.store(to, single(a, b));
      }
      for (; k < d; k++, from += 4, to += 4, own += 8) {
        let sum: f64 = 0;
        let value = from;
        let weight = own;
        for (let place = 0; place < reach; place++, value -= stride, weight += gateStride) {
          sum += load<f64>(weight) * <f64>load<f32>(value);
        }
        store<f32>(to, <f32>sum);
      }
    }
  }
}

/** The gradient of `gate`. slope [N, d]; forX [N, d] is written; forGates [places, d] f32 is added
 *  to. */
export function gateGradient(
  histories: i32,
  d: i32,
  places: i32,
  x: usize,
  gates: usize,
  offsets: usize,
  slope: usize,
  forX: usize,
  forGates: usize,
): void {
  const fours = d & ~3;
  const stride = (<usize>d) << 2;
  const gateStride = stride << 1;
  for (let s = 0; s < histories; s++) {
    const end = i32At(offsets, s + 1);
    for (let t = i32At(offsets, s); t < end; t++) {
      const reach = min(places, end - t);
      const row = <usize>t * stride;
      let k = 0;
      for (; k < fours; k += 4) {
        const at = (<usize>k) << 2;
        const known = v128.load(x + row + at);
        const x0 = low(known);
        const x1 = high(known);
        let a = f64x2.splat(0);
        let b = f64x2.splat(0);
        let above = slope + row + at;
        let weight = gates + (at << 1);
        let forGate = forGates + at;
        for (
          let place = 0;
          place < reach;
          place++, above += stride, weight += gateStride, forGate += stride
        ) {
          const given = v128.load(above);
          const g0 = low(given);
          const g1 = high(given);
          a = f64x2.add(a, f64x2.mul(g0, v128.load(weight)));
          b = f64x2.add(b, f64x2.mul(g1, v128.load(weight, 16)));
          addAt(forGate, f64x2.mul(g0, x0), f64x2.mul(g1, x1));
        }
        v128.store(forX + row + at, single(a, b));
      }
      for (; k < d; k++) {
        const at = (<usize>k) << 2;
        const known: f64 = load<f32>(x + row + at);
        let sum: f64 = 0;
        let above = slope + row + at;
        let weight = gates + (at << 1);
        let forGate = forGates + at;
        for (
          let place = 0;
          place < reach;
          place++, above += stride, weight += gateStride, forGate += stride
        ) {
          const given: f64 = load<f32>(above);
          sum += given * load<f64>(weight);
          store<f32>(forGate, <f32>(<f64>load<f32>(forGate) + given * known));
        }
        store<f32>(forX + row + at, <f32>sum);
      }
    }
  }
}

/** out_t = Σ_(j < places) slope_(t+j)'s part j, in each of the histories. slope [N, places · d]
 *  f32, out [N, d] f32, zeros before. */
export function besideGradient(
  histories: i32,
  d: i32,
  places: i32,
  slope: usize,
  offsets: usize,
  out: usize,
): void {
  const fours = (<usize>(d & ~3)) << 2;
  const stride = (<usize>d) << 2;
  for (let s = 0; s < histories; s++) {
    const end = i32At(offsets, s + 1);
    for (let t = i32At(offsets, s); t < end; t++) {
      const reach = min(places, end - t);
      const to = out + <usize>t * stride;
      for (let place = 0; place < reach; place++) {
        const from = slope + <usize>((t + place) * places + place) * stride;
        let k: usize = 0;
        for (; k < fours; k += 16) v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(from + k)));
        for (; k < stride; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k));
      }
    }
  }
}

/** Dropout masks: two draws of 16 bits from each of `draws` outputs of xoshiro128**; kept where a
 *  draw is not below the limit, else 0. The generator is that of `Random.fill` again: filling alone
 *  takes nearly as long there (7.4 ms for a step of docs/paper) as all takes here (8.8). state [4]
 *  u32, advanced; out [2 · draws] f32. */
export function dropout(draws: i32, state: usize, limit: i32, kept: f32, out: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  for (let n = 0; n < draws; n++, out += 8) {
    const bits = rotl<u32>(b * 5, 7) * 9;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl<u32>(d, 11);
    store<f32>(out, kept * <f32>((limit - 1 - <i32>(bits >>> 16)) >>> 31));
    store<f32>(out, kept * <f32>((limit - 1 - <i32>(bits & 0xffff)) >>> 31), 4);
  }
  store<u32>(state, a);
  store<u32>(state, b, 4);
  store<u32>(state, c, 8);
  store<u32>(state, d, 12);
}
