/** The thread that compares: ten thousand randomisations of 162,000 users take seconds, and the
 *  event loop serves. */
import { parentPort, workerData } from 'node:worker_threads';
import { compareSystems, type SystemFigures } from './compare';

parentPort?.postMessage(compareSystems(workerData as readonly SystemFigures[]));
