/** What a log file sees: few lines, the last one always; what a terminal sees: its last line
 *  cleaned up. */
import { PassThrough } from 'node:stream';
import { createProgress } from './progress';

function recorder() {
  const stream = new PassThrough();
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}

describe('createProgress', () => {
  afterEach(() => jest.useRealTimers());

  it('writes plain lines to what is no terminal, at most one a second, and the end of each step', () => {
    jest.useFakeTimers();
    const { stream, text } = recorder();
    const step = createProgress(stream).step('Reading ratings', 1000);
    for (let done = 1; done <= 1000; done++) {
      jest.advanceTimersByTime(3);
      step.update(done, 'ratings.csv');
    }
    step.finish('1,000 ratings');
    step.finish('again');
    step.update(5);
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Reading ratings · 33 % · ratings\.csv$/);
    expect(lines.at(-1)).toBe('Reading ratings · 3.0 s · 1,000 ratings');
  });

  it('says now and then that a silent step is still at work', () => {
    jest.useFakeTimers();
    const { stream, text } = recorder();
    const step = createProgress(stream).step('Starting the database');
    jest.advanceTimersByTime(25_000);
    step.finish();
    expect(text().trimEnd().split('\n')).toEqual([
      'Starting the database · 10.0 s',
      'Starting the database · 20.0 s',
      'Starting the database · 25.0 s',
    ]);
  });

  it.each([100, undefined])('leaves one plain line behind on a terminal (total %s)', (total) => {
    const { stream, text } = recorder();
    const terminal = Object.assign(stream, {
      isTTY: true,
      columns: 80,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
    });
    const step = createProgress(terminal as unknown as NodeJS.WriteStream).step('Training', total);
    step.update(50, 'epoch 5');
    step.finish('done');
    expect(text()).toMatch(/Training · \d+\.\d s · done\n$/);
  });
});
