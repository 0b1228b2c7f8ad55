import { z } from 'zod';
import { readConfiguration, type ConfigurationProblem } from '../configuration/read-configuration';
import { createLogger } from '../logging/logger';
import { baseVariables } from './base-variables';
import { createService, type Service } from './create-service';

export interface ServiceDefinition<Variables extends z.ZodRawShape> {
  name: string;
  defaultPort: number;
  healthPath: string;
  /** The feature flags it knows; none if left out. */
  features?: readonly string[];
  /** Environment variables of this service, besides those all services share. */
  variables: Variables;
  configure: (
    service: Service,
    configuration: z.output<z.ZodObject<Variables>>,
  ) => Promise<void> | void;
}

/** `EX_CONFIG` of sysexits.h: a restart will not help, the environment has to change. */
export const EXIT_CONFIGURATION = 78;

/** The whole life of a service process, from reading the environment to exiting. */
export async function runService<Variables extends z.ZodRawShape>(
  definition: ServiceDefinition<Variables>,
): Promise<void> {
  const exit = (code: number) => process.exit(code);
  const baseSchema = z.object(
    baseVariables({
      name: definition.name,
      port: definition.defaultPort,
      features: definition.features ?? [],
    }),
  );
  const base = readConfiguration(baseSchema, process.env);
  const own = readConfiguration(z.object(definition.variables), process.env);
  if (!base.ok || !own.ok) {
    const problems = [base, own].flatMap((result) => (result.ok ? [] : result.problems));
    reportConfiguration(definition.name, problems);
    exit(EXIT_CONFIGURATION);
    return;
  }

  const settings = base.values;
  const logger = createLogger({ service: settings.SERVICE_NAME, level: settings.LOG_LEVEL });
  const fail = (message: string, error: unknown) => {
    logger.fatal({ err: error }, message);
    exit(1);
  };
  process.on('uncaughtException', (error) => {
    fail('uncaught exception', error);
  });
  process.on('unhandledRejection', (reason) => {
    fail('unhandled rejection', reason);
  });

  const service = createService({
    name: settings.SERVICE_NAME,
    version: settings.SERVICE_VERSION,
    features: settings.FEATURE_FLAGS,
    healthPath: definition.healthPath,
    logger,
    healthTimeoutMs: settings.HEALTH_CHECK_TIMEOUT_MS,
    shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
    shutdownDelayMs: settings.SHUTDOWN_DELAY_MS,
    exit,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      service.shutdown.handleSignal(signal);
    });
  }

  try {
    await definition.configure(service, own.values);
    await service.app.listen({ host: settings.HOST, port: settings.PORT });
  } catch (error) {
    // A signal during startup closes the server under the caller's feet; that is no failure.
    if (!service.shutdown.draining) {
      fail('failed to start', error);
    }
  }
}

/** One line that lists every bad variable. */
export function reportConfiguration(service: string, problems: ConfigurationProblem[]): void {
  const list = problems.map(({ variable, problem }) => `${variable} ${problem}`).join('. ');
  createLogger({ service, level: 'info' }).fatal(
    { problems, exitCode: EXIT_CONFIGURATION },
    `invalid configuration: ${list}. Correct the environment and start the service again.`,
  );
}
