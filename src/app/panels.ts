let drawn = () => {}
const chart = new Promise<void>((resolve) => (drawn = resolve))

/** The first chart is drawn, or there is none to draw: what stands below it may be fetched. */
export const chartIsDrawn = () => drawn()

/** The panels that do not belong to the first chart: they are fetched when they are asked for, or once there is time. */
export const panels = {
  inputs: () => import('./together/Company.svelte'),
  whose: () => import('./together/Whose.svelte'),
  parts: () => import('./together/Parts.svelte'),
  overview: () => chart.then(() => import('./panels/Overview.svelte')),
  status: () => chart.then(() => import('./StatusLine.svelte')),
  headline: () => chart.then(() => import('./panels/Headline.svelte')),
  trades: () => import('./panels/Trades.svelte'),
  steps: () => import('./panels/Steps.svelte'),
  log: () => import('./panels/Log.svelte'),
  problems: () => import('./panels/Problems.svelte'),
  book: () => import('./book/BookPanel.svelte'),
  making: () => import('./panels/Making.svelte'),
  files: () => import('./documents/Files.svelte'),
  messages: () => import('./Messages.svelte'),
  share: () => import('./share/ShareButton.svelte'),
  history: () => import('./history/History.svelte'),
  settings: () => import('./panels/Settings.svelte'),
  decisions: () => import('./panels/Decisions.svelte'),
  decisionLayer: () => import('./chart/decision-layer.ts'),
  decisionCard: () => import('./chart/DecisionCard.svelte'),
  tradeCard: () => import('./chart/TradeCard.svelte'),
  barTable: () => import('./chart/BarTable.svelte'),
} as const

/** Fetches them all, so that none keeps a reader waiting. */
export async function fetchPanels() {
  await Promise.all(Object.values(panels).map((fetch) => fetch()))
}
