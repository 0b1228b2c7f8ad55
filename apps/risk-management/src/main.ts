import { runService } from '@jts/common';
import { riskVariables } from './configuration';
import { configureRiskManagement } from './routes';

void runService({
  name: 'risk-management',
  defaultPort: 3004,
  healthPath: '/health',
  variables: riskVariables,
  configure: (service, configuration) => {
    configureRiskManagement(service, {
      maxOrderQuantity: configuration.RISK_MAX_ORDER_QUANTITY,
      maxNotional: configuration.RISK_MAX_NOTIONAL,
      positionLimit: configuration.RISK_POSITION_LIMIT,
      positionLimits: new Map(configuration.RISK_POSITION_LIMITS),
      blockedSymbols: new Set(configuration.RISK_BLOCKED_SYMBOLS),
      maxReservations: configuration.RISK_MAX_RESERVATIONS,
    });
  },
});
