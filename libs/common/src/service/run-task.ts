import type { Logger } from 'pino';
import { z } from 'zod';
import { readConfiguration } from '../configuration/read-configuration';
import { createLogger } from '../logging/logger';
import { baseVariables } from './base-variables';
import { EXIT_CONFIGURATION, reportConfiguration } from './run-service';

export interface TaskDefinition<Variables extends z.ZodRawShape> {
  /** The service it belongs to. */
  name: string;
  defaultPort: number;
  /** Environment variables of the task, besides those all services share. */
  variables: Variables;
  run: (configuration: z.output<z.ZodObject<Variables>>, logger: Logger) => Promise<void>;
}

/**
 * The whole life of a process that does one thing and ends: 0 when it is done, 1 when it failed and may be tried
 * again, 78 when the environment is wrong.
 */
export async function runTask<Variables extends z.ZodRawShape>(
  definition: TaskDefinition<Variables>,
): Promise<void> {
  const base = readConfiguration(
    z.object(baseVariables({ name: definition.name, port: definition.defaultPort, features: [] })),
    // Feature flags are the service's own business.
    { ...process.env, FEATURE_FLAGS: undefined },
  );
  const own = readConfiguration(z.object(definition.variables), process.env);
  if (!base.ok || !own.ok) {
    const problems = [base, own].flatMap((result) => (result.ok ? [] : result.problems));
    reportConfiguration(definition.name, problems);
    process.exit(EXIT_CONFIGURATION);
    return;
  }

  const { SERVICE_NAME: service, LOG_LEVEL: level } = base.values;
  const logger = createLogger({ service, level });
  try {
    await definition.run(own.values, logger);
  } catch (error) {
    logger.fatal({ err: error }, 'task failed');
    process.exit(1);
  }
}
