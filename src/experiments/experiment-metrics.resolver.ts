/** `experiments { precisionAt5 … }`: the headline measurements as fields of the experiment itself,
 *  made from one table. */
import { Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { MEASUREMENTS, type MeasurementName } from '../evaluation/metrics';
import type { RequestContext } from '../request/context';
import { Experiment } from './experiment.entity';
import { ExperimentService } from './experiment-service';
import { metricsOf } from './loaders';

@Resolver(() => Experiment)
export class ExperimentMetricsResolver {
  constructor(private readonly service: ExperimentService) {}

  /** @returns null until it is measured */
  async headline(
    { id, protocol }: Experiment,
    context: RequestContext,
    name: MeasurementName,
  ): Promise<number | null> {
    const rows = await metricsOf(this.service, context, id);
    return (
      rows.find((row) => row.protocol === protocol && row.split === 'TEST' && row.name === name)?.mean ?? null
    );
  }
}

for (const { field, name, description: metric } of MEASUREMENTS) {
  if (field === null) continue;
  const prototype = ExperimentMetricsResolver.prototype;
  const value = function (
    this: ExperimentMetricsResolver,
    experiment: Experiment,
    context: RequestContext,
  ): Promise<number | null> {
    return this.headline(experiment, context, name);
  };
  const descriptor: PropertyDescriptor = { value, writable: true, configurable: true };
  Object.defineProperty(prototype, field, descriptor);
  const description = `${metric} On the test split, under the experiment's \`protocol\`; null until measured.`;
  Root()(prototype, field, 0);
  Ctx()(prototype, field, 1);
  FieldResolver(() => Float, { nullable: true, description })(prototype, field, descriptor);
}
