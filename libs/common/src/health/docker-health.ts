import { describeError } from './describe-error';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** Resolves to `false` or throws when unhealthy. The signal aborts when the time limit passes. */
export type HealthCheck = (signal: AbortSignal) => unknown;

export interface HealthCheckOptions {
  timeoutMs?: number;
  /** A failing non-critical check makes the service degraded, which still answers 200. */
  critical?: boolean;
}

export interface HealthCheckResult {
  name: string;
  status: 'healthy' | 'unhealthy';
  critical: boolean;
  durationMs: number;
  error?: string;
}

export interface HealthReport {
  status: HealthStatus;
  checks: HealthCheckResult[];
}

interface RegisteredCheck {
  name: string;
  check: HealthCheck;
  timeoutMs: number;
  critical: boolean;
}

// Below the one second in which a health endpoint has to answer.
export const DEFAULT_HEALTH_TIMEOUT_MS = 800;

export class DockerHealthCheck {
  readonly #checks = new Map<string, RegisteredCheck>();
  readonly #defaultTimeoutMs: number;
  readonly #now: () => number;
  #running: Promise<HealthReport> | undefined;

  constructor(options: { defaultTimeoutMs?: number; now?: () => number } = {}) {
    this.#defaultTimeoutMs = options.defaultTimeoutMs ?? DEFAULT_HEALTH_TIMEOUT_MS;
    this.#now = options.now ?? (() => performance.now());
  }

  register(name: string, check: HealthCheck, options: HealthCheckOptions = {}): void {
    if (this.#checks.has(name)) {
      throw new Error(`health check "${name}" is already registered; choose another name`);
    }
    this.#checks.set(name, {
      name,
      check,
      timeoutMs: options.timeoutMs ?? this.#defaultTimeoutMs,
      critical: options.critical ?? true,
    });
  }

  /** Probes that arrive while a run is under way share it, so slow checks never pile up. */
  performHealthCheck(): Promise<HealthReport> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAll(): Promise<HealthReport> {
    const checks = await Promise.all([...this.#checks.values()].map((check) => this.#run(check)));
    return { status: overallStatus(checks), checks };
  }

  async #run({ name, check, timeoutMs, critical }: RegisteredCheck): Promise<HealthCheckResult> {
    const startedAt = this.#now();
    let error: string | undefined;
    try {
      const outcome = await withTimeLimit(check, timeoutMs);
      error = outcome === false ? 'reported unhealthy' : undefined;
    } catch (thrown) {
      error = describeError(thrown);
    }
    return {
      name,
      status: error === undefined ? 'healthy' : 'unhealthy',
      critical,
      durationMs: Math.round((this.#now() - startedAt) * 10) / 10,
      ...(error === undefined ? {} : { error }),
    };
  }
}

function overallStatus(checks: HealthCheckResult[]): HealthStatus {
  const failing = checks.filter((check) => check.status === 'unhealthy');
  if (failing.some((check) => check.critical)) {
    return 'unhealthy';
  }
  return failing.length > 0 ? 'degraded' : 'healthy';
}

async function withTimeLimit(check: HealthCheck, timeoutMs: number): Promise<unknown> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // Rejects before the abort reaches the check, so that the time limit is what gets reported.
      reject(new Error(`timed out after ${timeoutMs} ms`));
      controller.abort();
    }, timeoutMs);
  });
  const outcome = Promise.resolve().then(() => check(controller.signal));
  try {
    return await Promise.race([outcome, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
