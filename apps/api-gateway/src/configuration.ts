import { peerUrl, variables } from '@jts/common';

export const gatewayVariables = {
  STRATEGY_ENGINE_URL: peerUrl('strategy-engine'),
  ORDER_EXECUTION_URL: peerUrl('order-execution'),
  RISK_MANAGEMENT_URL: peerUrl('risk-management'),
  DATA_INGESTION_URL: peerUrl('data-ingestion'),
  NOTIFICATION_SERVICE_URL: peerUrl('notification-service'),
  UPSTREAM_TIMEOUT_MS: variables.milliseconds(10_000),
  PEER_HEALTH_TIMEOUT_MS: variables.milliseconds(500),
};
