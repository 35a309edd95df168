import type { SyntheticRequest } from '#data'

/** Names of the synthetic markets. */
export const presetNames: Readonly<Record<string, string>> = {
  calm: 'Calm',
  trending: 'Trending',
  volatile: 'Volatile',
  thin: 'Thin',
  'flash-crash': 'Flash crash',
  'opening-auction': 'Opening auction',
}

/** Name of a request's preset. */
export const presetName = ({ preset = 'calm' }: SyntheticRequest) => presetNames[preset] ?? preset
