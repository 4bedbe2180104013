/**
 * The documents of the admin API. The types come from Rust (`types/`, written by ts-rs); this file only chooses among
 * them, and adds what the router does not measure yet. Times are RFC 3339 in UTC, `_ms` integers, `_usd` numbers;
 * `null` means unknown, never zero.
 */
export type {
  ApiError, AttemptRow, BreakerStatus, BypassStatus, ConfigView, KeyList, KeyRow, LiveEvent, PracticeProvider, PracticeStatus,
  Problem, ProviderStatus, ProviderTest, ProviderTestStep as TestStep, RequestDetail, RequestRow, RequestsPage, Status, TokenCounts,
} from './types/index.ts';

/** One promise's figures in `status.slos`, which is empty as long as none is measured. */
export interface SloStatus {
  name: string;
  success_percent: number | null;
  p95_ms: number | null;
  average_usd: number | null;
  met: boolean | null;
  budget_left: number | null;
}
