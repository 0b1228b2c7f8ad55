export type WorkerErrorReason =
  /** The worker refused the request; its message is meant for the caller. */
  | 'invalid_request'
  /** The worker failed on the request. */
  | 'failed'
  | 'timeout'
  /** There is no worker, or it ended before it answered. */
  | 'unavailable';

export class WorkerError extends Error {
  override readonly name = 'WorkerError';

  constructor(
    readonly reason: WorkerErrorReason,
    message: string,
  ) {
    super(message);
  }
}
