export {
  type BarStamps,
  type BookColumns,
  type Exchange,
  type Interest,
  type MarketDetail,
  MarketStep,
  type Terms,
} from './exchange.ts'
export { type BarFill, type BarRules, type FillRule, type PriceRange } from './fills.ts'
export {
  checkCosts,
  commissionOf,
  costBounds,
  type CostExample,
  costExamples,
  type Costs,
  fixedSlippage,
  isPlain,
  slippageOf,
  type Traded,
  usualTick,
} from './costs.ts'
export { HistoricalExchange, type HistoricalOptions } from './historical.ts'
export { LiveBook, liveLimits, type LiveMarket, type LiveTrades } from './live-book.ts'
export { type MarketMessages, MarketTape } from './market-tape.ts'
export { type OutsideOrder, SyntheticWorld, type WorldListener } from './synthetic/world.ts'
export {
  type AgentKind,
  agentKinds,
  type PerKind,
  type SellProgram,
  syntheticLimits,
  type SyntheticOptions,
  type SyntheticPreset,
  syntheticPresets,
  syntheticSettings,
  type SyntheticSettings,
} from './synthetic/options.ts'
export { SyntheticExchange } from './synthetic-exchange.ts'
export { WatchedExchange } from './watched.ts'
export { makesBars, type Shape, shapeOf, worldOf } from './shape.ts'
export { catalogued, recordedMarket } from './catalogued.ts'
export { exchangeFor } from './exchange-for.ts'
export { BookCommands } from './book-commands.ts'
export { LobsterReplay, type ReplaySummary, type ReplayTrade } from './replay.ts'
export {
  lobsterStep,
  lobsterTime,
  operationsHead,
  operationTime,
  readLobster,
  readOperations,
} from './flow-reader.ts'
export {
  type FoundRecording,
  type LobsterName,
  lobsterName,
  RecordingCollector,
  type RecordingLayout,
  recordingLayout,
  recordingLimits,
  type UnreadableLine,
} from './recording-file.ts'
export { recordFlow } from './flow-recording.ts'
export { type FlowDisorder, flowDisorder } from './flow-order.ts'
export { FlowCursor, type FlowMessage } from './flow-cursor.ts'
export type { MarketRecording } from './market-recorder.ts'
export { recordMarket } from './synthetic/recording.ts'
