export { type Balance } from './balances.ts'
export { Commissions } from './commissions.ts'
export { type Funds, fundsOf, Portfolio, type PortfolioView, type Position } from './portfolio.ts'
export { accountCurrency, type MoneyRules, otherCurrencies } from './money-rules.ts'
export { checkMoney, exchangeCost, missingRates, moneyBounds, pairFor, Rates } from './rates.ts'
export { refuseDisplay, Risk } from './risk.ts'
export { isWaiting } from './chain.ts'
export {
  type Cause,
  type RiskChange,
  type RiskLimit,
  type RiskMarket,
  RiskScope,
  type RiskView,
} from './risk-scope.ts'
export {
  checkRules,
  mostRate,
  mostSeconds,
  type Rate,
  type RiskRules,
  RiskState,
  type RuleName,
  type RuleSet,
} from './rules.ts'
export { type Exposed, valueAtRisk } from './value-at-risk.ts'
