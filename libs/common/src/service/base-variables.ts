import { flags, integer, milliseconds, oneOf, port, text } from '../configuration/variables';
import { DEFAULT_HEALTH_TIMEOUT_MS } from '../health/docker-health';
import { LOG_LEVELS } from '../logging/logger';

/** Variables every service understands. */
export function baseVariables(defaults: {
  name: string;
  port: number;
  features: readonly string[];
}) {
  return {
    SERVICE_NAME: text(defaults.name),
    SERVICE_VERSION: text('development'),
    HOST: text('0.0.0.0'),
    PORT: port(defaults.port),
    FEATURE_FLAGS: flags(defaults.features),
    LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
    HEALTH_CHECK_TIMEOUT_MS: integer({
      fallback: DEFAULT_HEALTH_TIMEOUT_MS,
      minimum: 1,
      maximum: 10_000,
    }),
    SHUTDOWN_TIMEOUT_MS: milliseconds(8_000),
    SHUTDOWN_DELAY_MS: milliseconds(0, 0),
  };
}
