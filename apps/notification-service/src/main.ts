import { runService } from '@jts/common';
import { notificationVariables } from './configuration';
import { configureNotifications } from './configure';

void runService({
  name: 'notification-service',
  defaultPort: 3006,
  healthPath: '/health',
  variables: notificationVariables,
  configure: (service, configuration) => {
    configureNotifications(service, {
      webhooks: configuration.WEBHOOK_URLS,
      secret: configuration.WEBHOOK_SECRET,
      maxAttempts: configuration.DELIVERY_MAX_ATTEMPTS,
      timeoutMs: configuration.DELIVERY_TIMEOUT_MS,
      backoffMs: configuration.DELIVERY_BACKOFF_MS,
      maxBackoffMs: configuration.DELIVERY_MAX_BACKOFF_MS,
      concurrency: configuration.DELIVERY_CONCURRENCY,
      queueCapacity: configuration.QUEUE_CAPACITY,
      historyCapacity: configuration.HISTORY_CAPACITY,
      drainTimeoutMs: configuration.DRAIN_TIMEOUT_MS,
    });
  },
});
