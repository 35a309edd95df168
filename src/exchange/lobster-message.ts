import { BUY, mostLots, priceBound, SELL } from '#book'

/** Letters of a line of a recording: a row of 200 levels has about half as many. */
export const longestLine = 20_000

/** Seconds of a day, and as many again for a session that runs past midnight. */
export const mostSeconds = 2 * 86_400

/** A message of a LOBSTER file. */
export interface LobsterMessage {
  /** Seconds after midnight. */
  readonly time: number
  readonly type: number
  readonly id: number
  readonly size: number
  /** In ten-thousandths. */
  readonly price: number
  /** Of the order that rests or rested, as the book's own door writes it. */
  readonly side: number
}

/**
 * Reads a line of a LOBSTER file.
 *
 * @param number of the message in its file, for what is thrown
 * @param before seconds of the message before it; NaN where there is none
 * @throws SyntaxError saying what was found and what is expected
 */
export function readMessage(line: string, number: number, before: number): LobsterMessage {
  const refuse = (problem: string): never => {
    throw new SyntaxError(`Message ${number} ${problem}`)
  }
  if (line.length > longestLine)
    refuse(`has more than ${longestLine.toLocaleString('en-US')} letters; no message is as long`)
  const fields = line.split(',')
  const [time, type, id, size, price, direction] = fields.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const whole = [type, id, size, price].every(Number.isSafeInteger) && !fields.slice(1, 6).some(isBlank)
  if (fields.length < 6 || !whole || (direction !== 1 && direction !== -1))
    refuse(`is '${line.slice(0, 80)}'; expected time,type,order id,size,price x 10000,direction`)
  if (type < 1 || type > 7) refuse(`has type ${type}; expected 1 to 7`)
  if (fields[0]!.trim() === '' || !(time >= 0 && time <= mostSeconds))
    refuse(
      `has the time '${fields[0]!.slice(0, 40)}'${time > 1e8 ? ', which looks like a time since 1970' : ''}; expected seconds after midnight, from 0 to ${mostSeconds} for a session that runs past the next`,
    )
  if (ticks(time) < ticks(before))
    refuse(
      `is at ${time}, earlier than the one before it at ${before}; expected messages in the order of their times`,
    )
  if (type <= 5 && !(price > 0)) refuse(`has the price ${price}; expected ten-thousandths above 0`)
  if (type <= 5 && price >= priceBound)
    refuse(`has the price ${price}; expected ten-thousandths below ${priceBound}`)
  // What is deleted is told by its order.
  if (type <= 5 && type !== 3 && !(size > 0)) refuse(`has the size ${size}; expected shares above 0`)
  if (type <= 5 && size > mostLots) refuse(`has the size ${size}; expected shares up to ${mostLots}`)
  return { time, type, id, size, price, side: direction === 1 ? BUY : SELL }
}

/** A field with nothing in it would count as 0. */
const isBlank = (field: string) => field === '' || field.trim() === ''

/** Microseconds: what lies within one is taken as the file has it. */
const ticks = (seconds: number) => Math.floor(seconds * 1e6 + 0.01)
