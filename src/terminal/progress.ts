/** Shows the progress of long steps: a bar or a moving line on a terminal, plain lines (at most one
 *  a second) anywhere else. */
import { Format, SingleBar } from 'cli-progress';

export interface Step {
  /** @param done how far, in the unit of `total`
   *  @param note a few words to show after the numbers */
  update(done: number, note?: string): void;
  /** Ends the step; further calls do nothing. */
  finish(note?: string): void;
}

export interface Progress {
  /** @param name  what is being done, such as `Reading ratings`
   *  @param total where `done` ends; leave it out where that is not known */
  step(name: string, total?: number): Step;
}

interface Painter {
  paint(done: number, note: string): void;
  end(done: number, note: string): void;
}

const PLAIN_LINE_MS = 1_000;
/** A step that reports nothing for this long says that it is still at work. */
const HEARTBEAT_MS = 10_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

const number = (value: number): string => Math.round(value).toLocaleString('en-US');
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const withNote = (text: string, note: string): string => (note === '' ? text : `${text} · ${note}`);

function bar(stream: NodeJS.WriteStream, name: string, total: number): Painter {
  const single = new SingleBar({
    stream,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
    barsize: 30,
    format: (options, params, payload) => {
      const share = params.total > 0 ? Math.min(1, params.value / params.total) : 0;
      const text = `${name} ${Format.BarFormat(share, options)} ${Math.floor(share * 100)} %`;
      return withNote(text, String((payload as { note?: string }).note ?? ''));
    },
  });
  single.start(total, 0, { note: '' });
  const started = performance.now();
  return {
    paint: (done, note) => single.update(Math.min(done, total), { note }),
    end: (_done, note) => {
      single.stop();
      stream.write(`${withNote(`${name} · ${seconds(started)}`, note)}\n`);
    },
  };
}

function movingLine(stream: NodeJS.WriteStream, name: string): Painter {
  const started = performance.now();
  let frame = 0;
  let text = '';
  const draw = () => {
    stream.cursorTo(0);
    stream.write(
      withNote(`${FRAMES[frame++ % FRAMES.length]} ${name} · ${seconds(started)}`, text).slice(
        0,
        (stream.columns || 80) - 1,
      ),
    );
    stream.clearLine(1);
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  draw();
  return {
    paint: (done, note) => {
      text = note === '' && done > 0 ? number(done) : note;
    },
    end: (_done, note) => {
      clearInterval(timer);
      stream.cursorTo(0);
      stream.clearLine(0);
      stream.write(`${withNote(`${name} · ${seconds(started)}`, note)}\n`);
    },
  };
}

function plainLines(stream: NodeJS.WritableStream, name: string, total: number | undefined): Painter {
  const started = performance.now();
  let written = started;
  const write = (text: string) => {
    written = performance.now();
    stream.write(`${text}\n`);
  };
  const timer = setInterval(() => {
    if (performance.now() - written >= HEARTBEAT_MS) write(`${name} · ${seconds(started)}`);
  }, PLAIN_LINE_MS);
  timer.unref();
  return {
    paint: (done, note) => {
      if (performance.now() - written < PLAIN_LINE_MS) return;
      const count = done > 0 ? number(done) : '';
      const figure = total ? `${Math.floor((Math.min(done, total) / total) * 100)} %` : count;
      write(withNote(figure === '' ? name : `${name} · ${figure}`, note));
    },
    end: (_done, note) => {
      clearInterval(timer);
      write(withNote(`${name} · ${seconds(started)}`, note));
    },
  };
}

function painterFor(
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  name: string,
  total: number | undefined,
): Painter {
  if (stream.isTTY !== true) return plainLines(stream, name, total);
  const terminal = stream as NodeJS.WriteStream;
  return total ? bar(terminal, name, total) : movingLine(terminal, name);
}

/** @param stream usually `process.stderr`; it is a terminal when its `isTTY` says so
 *  @returns a reporter; one step at a time, since a terminal has one last line */
export function createProgress(stream: NodeJS.WritableStream & { isTTY?: boolean }): Progress {
  return {
    step(name, total) {
      const painter = painterFor(stream, name, total);
      let done = 0;
      let finished = false;
      return {
        update(value, note = '') {
          if (finished) return;
          done = value;
          painter.paint(value, note);
        },
        finish(note = '') {
          if (finished) return;
          finished = true;
          painter.end(done, note);
        },
      };
    },
  };
}

export interface Stages {
  show(update: { stage: string; done: number; total: number | undefined }): void;
  end(): void;
}

/** Turns the stages that a task reports into steps, each finished when the next one begins. */
export function createStages(progress: Progress): Stages {
  let stage = '';
  let step: Step | undefined;
  return {
    show(update) {
      if (update.stage !== stage) {
        step?.finish();
        stage = update.stage;
        step = progress.step(stage, update.total);
      }
      step?.update(update.done);
    },
    end() {
      step?.finish();
      step = undefined;
      stage = '';
    },
  };
}
