/** `nearfield export`: the catalog as a MovieLens release, experiments as CSV, a model's points as
 *  .npz. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { readConfig } from '../config';
import { ExperimentService } from '../experiments/experiment-service';
import { ModelStore } from '../experiments/model-store';
import { Exporter, RELEASE_FILES } from '../exports/exporter';
import { writeWhole } from '../exports/file';
import { readTowerSpace } from '../models/metric-tower/space';
import { openMigrated } from '../open-database';
import { parseId } from '../request/parameters';

export function configureExport(command: Command): void {
  command
    .addCommand(
      new Command('catalog')
        .description(
          `a MovieLens release (${RELEASE_FILES.join(', ')}), which \`nearfield seed --from\` reads`,
        )
        .argument('<folder>', 'created if it does not exist')
        .action((folder: string) => withExporter((exporter) => exportCatalog(exporter, resolve(folder)))),
    )
    .addCommand(
      new Command('experiments')
        .description('all experiments as CSV, metrics as columns')
        .argument('<file>', 'such as experiments.csv')
        .action((file: string) =>
          withExporter((exporter) => write(exporter.table('experiments.csv'), resolve(file))),
        ),
    )
    .addCommand(
      new Command('model')
        .description("a model's points as .npz, which numpy.load reads")
        .argument('<id>', 'id of the model')
        .argument('<file>', 'such as points.npz')
        .option('--users', 'with the points of all users')
        .action((id: string, file: string, { users = false }: { users?: boolean }) =>
          withExporter(async (exporter) => {
            const bytes = await exporter.modelPoints(parseId('id', id), users);
            await writeNamed(resolve(file), (path) => writeFile(path, bytes));
          }),
        ),
    );
}

async function withExporter(work: (exporter: Exporter) => Promise<void>): Promise<void> {
  const database = await openMigrated(readConfig(), 'guest');
  try {
    const experiments = new ExperimentService(database);
    await work(
      new Exporter({ database, models: new ModelStore(database), readSpace: readTowerSpace, experiments }),
    );
  } finally {
    await database.close();
  }
}

async function exportCatalog(exporter: Exporter, folder: string): Promise<void> {
  for (const name of RELEASE_FILES) await write(exporter.table(name), join(folder, name));
}

async function write(text: AsyncGenerator<string>, file: string): Promise<void> {
  await writeNamed(file, (path) =>
    pipeline(Readable.from(text, { objectMode: false }), createWriteStream(path)),
  );
}

async function writeNamed(file: string, fill: (path: string) => Promise<void>): Promise<void> {
  if (await writeWhole(file, fill)) process.stdout.write(`${file}\n`);
}
