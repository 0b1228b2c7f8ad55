import { peerUrl, variables } from '@jts/common';

export const orderVariables = {
  DATABASE_URL: variables.optional('a postgres:// or postgresql:// URL', (value) =>
    /^postgres(ql)?:\/\/./.test(value),
  ),
  DATABASE_POOL_SIZE: variables.integer({ fallback: 10, minimum: 1, maximum: 1_000 }),
  DATABASE_CONNECT_TIMEOUT_MS: variables.milliseconds(2_000),
  DATABASE_STATEMENT_TIMEOUT_MS: variables.milliseconds(2_000),
  RISK_MANAGEMENT_URL: peerUrl('risk-management'),
  NOTIFICATION_SERVICE_URL: peerUrl('notification-service'),
  PEER_TIMEOUT_MS: variables.milliseconds(2_000),
};
