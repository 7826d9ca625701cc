import fc from 'fast-check';
import { type Artifact, CorruptArtifactError, decodeArtifact, encodeArtifact } from './artifact';

const artifact: Artifact = {
  kind: 'two-tower',
  format: 1,
  settings: { embeddingSize: 2, genreNames: ['Film-Noir', 'Amélie'] },
  arrays: {
    points: { data: new Float32Array([1, -2.5, 3, 4, 5, 6]), shape: [3, 2] },
    ids: { data: new Int32Array([7, 1 << 30, -1]), shape: [3] },
    nothing: { data: new Float32Array(0), shape: [0, 2] },
    scale: { data: new Float32Array([0.5]), shape: [] },
  },
};

describe('the codec of artifacts', () => {
  it('gives back what it was given', () => {
    expect(decodeArtifact(encodeArtifact(artifact))).toEqual(artifact);
  });

  it('reads bytes that lie unaligned in a larger buffer, and keeps no hold of them', () => {
    const bytes = encodeArtifact(artifact);
    const outer = Buffer.alloc(bytes.length + 3);
    outer.set(bytes, 3);
    const decoded = decodeArtifact(outer.subarray(3));
    outer.fill(0);
    expect(decoded).toEqual(artifact);
  });

  it('writes the same bytes for the same model', () => {
    expect(Buffer.from(encodeArtifact(artifact)).equals(encodeArtifact(artifact))).toBe(true);
  });

  it('refuses every truncation and every addition', () => {
    const bytes = encodeArtifact(artifact);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeArtifact(bytes.subarray(0, length))).toThrow(CorruptArtifactError);
    }
    expect(() => decodeArtifact(Buffer.concat([bytes, Buffer.alloc(8)]))).toThrow(CorruptArtifactError);
  });

  it('either reads altered bytes as a sound model or refuses them with its own error', () => {
    const bytes = encodeArtifact(artifact);
    const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(flip, ([at, mask]) => {
        const altered = bytes.slice();
        altered[at] = altered[at] ^ mask;
        try {
          return Object.values(decodeArtifact(altered).arrays).every(({ data }) =>
            data.every(Number.isFinite),
          );
        } catch (error) {
          return error instanceof CorruptArtifactError;
        }
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s, to be written as well as to be read',
    (value) => {
      const bad = { ...artifact, arrays: { points: { data: new Float32Array([1, value]), shape: [2] } } };
      expect(() => encodeArtifact(bad)).toThrow('points');
      const good = { ...artifact, arrays: { points: { data: new Float32Array([1, 2]), shape: [2] } } };
      const bytes = encodeArtifact(good);
      new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
      expect(() => decodeArtifact(bytes)).toThrow(CorruptArtifactError);
    },
  );

  it('refuses a shape that is not that of its values', () => {
    const bad = { ...artifact, arrays: { points: { data: new Float32Array(5), shape: [3, 2] } } };
    expect(() => encodeArtifact(bad)).toThrow(CorruptArtifactError);
  });
});
