/** What is running, for the person who runs it. */
import { Authorized, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { graphqlEnum } from '../request/graphql-enum';
import type { Recommender, RecommenderStatus } from '../serving/recommender';

const ServerStatus = graphqlEnum('ServerStatus', 'How the server answers.', {
  OK: 'From the active model.',
  NO_MODEL: 'By popularity: no model has been published yet.',
  DEGRADED:
    'From an older model, or by popularity: the active model cannot be read. `modelProblem` says why.',
});

@ObjectType({ description: 'What is running, and on what.' })
export class ServerInfo {
  @Field(() => String, { description: 'Version of Nearfield.' })
  version: string;

  @Field(() => String, {
    nullable: true,
    description: 'Code revision that it was built from; null when that is not known.',
  })
  revision: string | null;

  @Field(() => String, { description: 'Version of Node.js.' })
  nodeVersion: string;

  @Field(() => String, { description: 'The database, such as `PostgreSQL 18.1 (PGlite 0.5.14)`.' })
  database: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The TensorFlow.js back end that trains here (`native`, `wasm`, `cpu`); null until one was chosen, and where nothing is trained.',
  })
  backend: string | null;

  @Field(() => String, {
    description: 'How distances are scanned: `SIMD` (WebAssembly) or `PLAIN` (JavaScript).',
  })
  distanceScan: RecommenderStatus['distanceScan'];

  @Field(() => Int, { description: 'Number of movies that are ranked.' })
  movies: number;

  @Field(() => ID, {
    nullable: true,
    description: 'The model in service in this process; null before the first one.',
  })
  activeModelId: string | null;

  @Field(() => ServerStatus, { description: 'How the server answers.' })
  status: keyof typeof ServerStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Why the active model is not the one in service; null when it is.',
  })
  modelProblem: string | null;

  @Field(() => Int, { description: 'Seconds since the process started.' })
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
  @Query(() => ServerInfo, { description: 'What is running, and on what.' })
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
