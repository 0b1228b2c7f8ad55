export interface RiskLimits {
  maxOrderQuantity: number;
  maxNotional: number;
  positionLimit: number;
  /** Overrides of `positionLimit` for single symbols. */
  positionLimits: ReadonlyMap<string, number>;
  blockedSymbols: ReadonlySet<string>;
  maxReservations: number;
}
