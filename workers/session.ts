/** The worker of a run: this becomes the first line of its script, the strategy's code the rest. */
import { serve, type WorkerScope } from '#session'
import * as outcry from 'outcry'

serve(globalThis as unknown as WorkerScope, { ...outcry }, performance.now.bind(performance))
