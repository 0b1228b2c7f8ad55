import { dirname, join } from 'node:path';
import { peerUrl, variables } from '@jts/common';

export const strategyVariables = {
  PYTHON_BIN: variables.text('python3'),
  WORKER_PATH: variables.text(besideMain('worker.py')),
  WORKER_START_TIMEOUT_MS: variables.milliseconds(30_000),
  WORKER_REQUEST_TIMEOUT_MS: variables.milliseconds(5_000),
  WORKER_PING_TIMEOUT_MS: variables.milliseconds(700),
  DATA_INGESTION_URL: peerUrl('data-ingestion'),
  PEER_TIMEOUT_MS: variables.milliseconds(2_000),
  MAX_CLOSES: variables.integer({ fallback: 10_000, minimum: 3, maximum: 1_000_000 }),
};

/** The build puts the worker next to the bundle, wherever that is copied to. */
function besideMain(file: string): string {
  return join(dirname(process.argv[1] ?? '.'), file);
}
