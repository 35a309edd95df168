/** The worker of the language service: Monaco's, with the findings of our own about a strategy's code. */
import { StrategyService } from '../src/app/editor/language-service.ts'
import { initialize } from 'monaco-editor/languages/features/typescript/ts.worker'

self.onmessage = () => initialize((context, data) => new StrategyService(context, data))
