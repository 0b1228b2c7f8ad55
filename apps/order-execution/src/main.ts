import { runService, runTask } from '@jts/common';
import { migrationVariables, orderVariables } from './configuration';
import { configureOrderExecution } from './configure';
import { migrate } from './migrate';

const name = 'order-execution';
const defaultPort = 3003;

// `node main.js migrate` prepares the database and ends, before any replica is started.
if (process.argv[2] === 'migrate') {
  void runTask({
    name,
    defaultPort,
    variables: migrationVariables,
    run: (configuration, logger) =>
      migrate(
        {
          databaseUrl: configuration.DATABASE_URL,
          connectTimeoutMs: configuration.DATABASE_CONNECT_TIMEOUT_MS,
          statementTimeoutMs: configuration.MIGRATION_STATEMENT_TIMEOUT_MS,
        },
        logger,
      ),
  });
} else {
  void runService({
    name,
    defaultPort,
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
}
