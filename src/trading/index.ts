export { type Funds, Portfolio, type PortfolioView, type Position } from './portfolio.ts'
export { maximumOpenOrders, Risk } from './risk.ts'
