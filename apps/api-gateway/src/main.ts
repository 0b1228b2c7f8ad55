import { runService } from '@jts/common';
import { gatewayVariables } from './configuration';
import { configureGateway } from './configure';

void runService({
  name: 'api-gateway',
  defaultPort: 3001,
  healthPath: '/health',
  features: ['read-only'],
  variables: gatewayVariables,
  configure: (service, configuration) =>
    configureGateway(service, {
      urls: {
        'strategy-engine': configuration.STRATEGY_ENGINE_URL,
        'order-execution': configuration.ORDER_EXECUTION_URL,
        'risk-management': configuration.RISK_MANAGEMENT_URL,
        'data-ingestion': configuration.DATA_INGESTION_URL,
        'notification-service': configuration.NOTIFICATION_SERVICE_URL,
      },
      upstreamTimeoutMs: configuration.UPSTREAM_TIMEOUT_MS,
      peerHealthTimeoutMs: configuration.PEER_HEALTH_TIMEOUT_MS,
    }),
});
