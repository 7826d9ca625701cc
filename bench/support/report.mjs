/** Reports in bench/results. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

export const TODAY = new Date().toISOString().slice(0, 10);
export const NODE = `Node ${process.version}`;
export const MACHINE = `${NODE}, ${cpus().length} × ${cpus()[0].model}, ${TODAY}`;

/** Prints a report and keeps it as bench/results/NAME.md.
 *  @param {string} name @param {string} report */
export function writeReport(name, report) {
  console.log(report);
  mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
  writeFileSync(new URL(`../results/${name}.md`, import.meta.url), report);
}
