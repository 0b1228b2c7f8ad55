import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_FIELDS = [
  'apiKey',
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
];

export interface LoggerOptions {
  service: string;
  level: LogLevel;
}

/**
 * JSON lines on stdout. No pino transports: they start worker threads from files on disk, and the
 * services are bundled into a single file.
 */
export function createLogger(options: LoggerOptions, stream?: DestinationStream): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths(), censor: '[redacted]' },
    },
    stream ?? destination({ fd: 1, sync: true }),
  );
}

/** pino's wildcards stand for exactly one level, so each depth is listed. */
function redactedPaths(): string[] {
  return SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `*.*.*.${field}`]);
}
