import { PEERS, PeerClient, type Service } from '@jts/common';
import { openOrderStore, type StoreOptions } from './open-order-store';
import { OrderNotifier } from './order-notifier';
import { placeOrder } from './place-order';
import { riskClient } from './risk-client';
import { registerOrderRoutes } from './routes';

export interface OrderExecutionOptions {
  store: StoreOptions;
  riskManagementUrl: string;
  notificationServiceUrl: string;
  peerTimeoutMs: number;
}

export function configureOrderExecution(service: Service, options: OrderExecutionOptions): void {
  const risk = new PeerClient({
    name: 'risk-management',
    baseUrl: options.riskManagementUrl,
    timeoutMs: options.peerTimeoutMs,
  });
  const notifications = new PeerClient({
    name: 'notification-service',
    baseUrl: options.notificationServiceUrl,
    timeoutMs: options.peerTimeoutMs,
  });

  const store = openOrderStore(service, options.store);
  const notifier = new OrderNotifier(notifications, service.logger);
  service.shutdown.addHook('order notifications', () => notifier.settle());
  // Not critical: reading orders works without risk management, and restarting this container
  // would not bring the other one back.
  service.health.register(
    risk.name,
    (signal) => risk.checkHealth(PEERS['risk-management'].healthPath, signal),
    { critical: false },
  );

  registerOrderRoutes(service, {
    store,
    place: placeOrder({
      store,
      checkRisk: riskClient(risk),
      orderAccepted: (order, requestId) => {
        notifier.orderAccepted(order, requestId);
      },
      now: () => new Date(),
    }),
  });
}
