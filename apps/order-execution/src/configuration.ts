import { peerUrl, variables } from '@jts/common';

const databaseVariables = {
  DATABASE_URL: variables.optional('a postgres:// or postgresql:// URL', (value) =>
    /^postgres(ql)?:\/\/./.test(value),
  ),
  DATABASE_CONNECT_TIMEOUT_MS: variables.milliseconds(2_000),
};

export const orderVariables = {
  ...databaseVariables,
  DATABASE_POOL_SIZE: variables.integer({ fallback: 10, minimum: 1, maximum: 1_000 }),
  DATABASE_STATEMENT_TIMEOUT_MS: variables.milliseconds(2_000),
  RISK_MANAGEMENT_URL: peerUrl('risk-management'),
  NOTIFICATION_SERVICE_URL: peerUrl('notification-service'),
  PEER_TIMEOUT_MS: variables.milliseconds(2_000),
};

export const migrationVariables = {
  ...databaseVariables,
  // Without a database there is nothing to migrate, and whoever asks for it has made a mistake.
  DATABASE_URL: databaseVariables.DATABASE_URL.refine((url) => url !== undefined, {
    message: 'is needed to migrate',
  }),
  // Building an index of a large table takes longer than any statement of the service.
  MIGRATION_STATEMENT_TIMEOUT_MS: variables.milliseconds(60_000),
};
