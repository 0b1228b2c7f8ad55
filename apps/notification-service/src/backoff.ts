export interface BackoffOptions {
  initialMs: number;
  maximumMs: number;
  /** A number from 0 up to 1. */
  random: () => number;
}

/**
 * Exponential backoff with "equal jitter": half the delay is fixed, so a retry is never immediate,
 * and half is random, so that a failing target does not get all retries in the same instant.
 */
export function backoffMs(attempt: number, { initialMs, maximumMs, random }: BackoffOptions) {
  const ceiling = Math.min(maximumMs, initialMs * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
