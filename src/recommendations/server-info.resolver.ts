/** What is running, for the person who runs it. */
import { Authorized, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { graphqlEnum } from '../request/graphql-enum';
import type { Recommender, RecommenderStatus } from '../serving/recommender';

const ServerStatus = graphqlEnum('ServerStatus', 'Health of this server.', {
  OK: 'The active model answers.',
  NO_MODEL: 'No model has been published yet, so popularity answers.',
  DEGRADED: 'The active model cannot be read, so an older model or popularity answers; see `modelProblem`.',
});

@ObjectType({ description: 'Version, runtime and state of this server.' })
export class ServerInfo {
  @Field(() => String, { description: 'Nearfield version.' })
  version: string;

  @Field(() => String, {
    nullable: true,
    description: 'Git revision of the build; null if unknown.',
  })
  revision: string | null;

  @Field(() => String, { description: 'Node.js version.' })
  nodeVersion: string;

  @Field(() => String, { description: 'Database version, such as `PostgreSQL 18.1 (PGlite 0.5.14)`.' })
  database: string;

  @Field(() => String, {
    nullable: true,
    description:
      'TensorFlow.js back end used for training here (`native`, `wasm` or `cpu`); null ' +
      'until one is chosen or if nothing is trained here.',
  })
  backend: string | null;

  @Field(() => String, {
    description: 'Implementation of the distance scan: `SIMD` (WebAssembly) or `PLAIN` (JavaScript).',
  })
  distanceScan: RecommenderStatus['distanceScan'];

  @Field(() => Int, { description: 'Number of ranked movies.' })
  movies: number;

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the model in service in this process; null before the first one.',
  })
  activeModelId: string | null;

  @Field(() => ServerStatus, { description: 'Health of this server.' })
  status: keyof typeof ServerStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Reason why the active model is not in service; null if it is.',
  })
  modelProblem: string | null;

  @Field(() => Int, { description: 'Seconds since process start.' })
  uptimeSeconds: number;
}

/** What the recommender does not know of. */
export interface ServerFacts {
  readonly version: string;
  readonly revision: string | null;
  readonly database: string;
  /** Asked at each request: it may be chosen late. */
  readonly backend: () => string | null;
}

@Resolver(() => ServerInfo)
export class ServerInfoResolver {
  constructor(
    private readonly recommender: Recommender,
    private readonly facts: ServerFacts,
  ) {}

  @Authorized('READER', 'USER')
  @Query(() => ServerInfo, { description: 'Version, runtime and state of this server.' })
  serverInfo(): ServerInfo {
    const { activeModelId, modelProblem, movies, distanceScan } = this.recommender.status();
    return {
      version: this.facts.version,
      revision: this.facts.revision,
      nodeVersion: process.versions.node,
      database: this.facts.database,
      backend: this.facts.backend(),
      distanceScan,
      movies,
      activeModelId: activeModelId === null ? null : String(activeModelId),
      status:
        modelProblem !== null
          ? ServerStatus.DEGRADED
          : activeModelId === null
            ? ServerStatus.NO_MODEL
            : ServerStatus.OK,
      modelProblem,
      uptimeSeconds: Math.floor(process.uptime()),
    };
  }
}
