/** A stretch of time, microseconds UTC, both ends included. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** The id of a data set cut to a stretch of time, such as `aapl+from-1388534400000000+to-1483228799999999`. */
export function inRange(id: string, { from, to }: TimeRange): string {
  const words = [...(from > -Infinity ? [`from-${from}`] : []), ...(to < Infinity ? [`to-${to}`] : [])]
  return [readRange(id).id, ...words].join('+')
}

/** The id of a data set without the stretch that it is cut to, and the stretch; undefined where it is whole. */
export function readRange(id: string): { readonly id: string; readonly range?: TimeRange } {
  let from = -Infinity
  let to = Infinity
  const whole = id.replace(/\+(from|to)-(-?\d{1,18})(?![^+])/g, (_, end: string, time: string) => {
    if (end === 'from') from = Number(time)
    else to = Number(time)
    return ''
  })
  return whole === id ? { id } : { id: whole, range: { from, to } }
}

/** One of several exchanges: its tag, and the id of its data set. */
export interface JointPart {
  readonly name: string
  readonly id: string
}

const prefix = 'joint:'

/** The id of several bundled data sets that are run on together, such as `joint:nasdaq=aapl,index=sp500`. */
export function jointId(parts: readonly JointPart[]): string {
  return prefix + parts.map(({ name, id }) => `${name}=${id}`).join(',')
}

/** The exchanges that an id of `jointId` names, cut to a stretch or not; undefined where it is another id. */
export function readJoint(id: string): readonly JointPart[] | undefined {
  const whole = readRange(id).id
  if (!whole.startsWith(prefix)) return undefined
  return whole
    .slice(prefix.length)
    .split(',')
    .map((part) => {
      const [name = '', data = ''] = part.split('=')
      return { name, id: data }
    })
}
