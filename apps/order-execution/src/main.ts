import { runService } from '@jts/common';
import { orderVariables } from './configuration';
import { configureOrderExecution } from './configure';

void runService({
  name: 'order-execution',
  defaultPort: 3003,
  healthPath: '/health/orders',
  variables: orderVariables,
  configure: (service, configuration) => {
    configureOrderExecution(service, {
      store: {
        databaseUrl: configuration.DATABASE_URL,
        poolSize: configuration.DATABASE_POOL_SIZE,
        connectTimeoutMs: configuration.DATABASE_CONNECT_TIMEOUT_MS,
        statementTimeoutMs: configuration.DATABASE_STATEMENT_TIMEOUT_MS,
      },
      riskManagementUrl: configuration.RISK_MANAGEMENT_URL,
      notificationServiceUrl: configuration.NOTIFICATION_SERVICE_URL,
      peerTimeoutMs: configuration.PEER_TIMEOUT_MS,
    });
  },
});
