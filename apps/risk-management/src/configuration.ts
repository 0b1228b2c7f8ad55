import { variables } from '@jts/common';

const MAXIMUM = Number.MAX_SAFE_INTEGER;

export const riskVariables = {
  RISK_MAX_ORDER_QUANTITY: variables.integer({ fallback: 10_000, minimum: 1, maximum: MAXIMUM }),
  RISK_MAX_NOTIONAL: variables.decimal({ fallback: 1_000_000, minimum: 0, maximum: MAXIMUM }),
  RISK_POSITION_LIMIT: variables.integer({ fallback: 50_000, minimum: 0, maximum: MAXIMUM }),
  RISK_POSITION_LIMITS: variables.list('SYMBOL=quantity', parseSymbolLimit),
  RISK_BLOCKED_SYMBOLS: variables.list('symbols', (item) => item.toUpperCase()),
  RISK_MAX_RESERVATIONS: variables.integer({
    fallback: 100_000,
    minimum: 1,
    maximum: 10_000_000,
  }),
};

function parseSymbolLimit(item: string): readonly [symbol: string, quantity: number] | undefined {
  const [, symbol, quantity] = /^([^=\s]+)=(\d{1,15})$/.exec(item) ?? [];
  return symbol !== undefined && quantity !== undefined
    ? [symbol.toUpperCase(), Number(quantity)]
    : undefined;
}
