/**
 * The documents of the admin API. The types come from Rust (`types/`, written by ts-rs); this file only chooses among
 * them. Times are RFC 3339 in UTC, `_ms` integers, `_usd` numbers; `null` means unknown, never zero.
 */
export type {
  AlertList, AlertRow, AlertTest, ApiError, AttemptRow, BreakerStatus, BypassStatus, CacheCleared, CacheStats, Cause, ChartMark, ChartView, ConfigChange, ConfigRefusal, ConfigView,
  ChangeTool, EditConfig, EntryReport, Frozen, KeyList,
  KeyRow, LiveEvent, Meanwhile, PracticeProvider, ProviderPreset, PracticeStatus, Problem, ProviderStatus, ProviderTest, ProviderTestStep as TestStep, RequestDetail,
  RequestRow, RequestsPage, SloDocument, SloReport, Status, TestedPage, TestRequest, Tile, TokenCounts, ToolChange, ToolList, ToolRow, ToolState,
} from './types/index.ts';
