/*
 * Elementary functions whose last bit is the same everywhere. ECMAScript leaves the accuracy of Math.exp, Math.log and
 * Math.pow to the engine, and engines differ; these use only + - * / on doubles, which IEEE 754 fixes. They agree with
 * the true value to about one unit in the last place; `test/math.test.ts` holds them to two against the platform's.
 */

/** ln 2 in two parts; the first ends in 21 zero bits, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
const SQRT2 = 1.4142135623730951

const word = new DataView(new ArrayBuffer(8))

/** 2 to the power of a whole number from -1022 to 1023. */
function scale(exponent: number): number {
  word.setUint32(0, (exponent + 1023) << 20)
  word.setUint32(4, 0)
  return word.getFloat64(0)
}

/** The whole exponent of a positive finite number: x / 2^exponent lies from 1 up to 2. */
function exponentOf(x: number): number {
  if (x < 2.2250738585072014e-308) return exponentOf(x * 18014398509481984) - 54
  word.setFloat64(0, x)
  return (word.getUint32(0) >>> 20) - 1023
}

/** x times 2^k for any whole k: in two steps, since 2^k itself may not be a normal number. */
function scaled(x: number, k: number): number {
  const half = Math.trunc(k / 2)
  return x * scale(half) * scale(k - half)
}

/** e^(high + low), where |low| is tiny against |high|. */
function expOf(high: number, low: number): number {
  if (high > 709.782712893384) return Infinity
  if (high < -745.1332191019412) return 0
  const k = Math.round(high * 1.4426950408889634)
  const a = high - k * LN2_HIGH
  const b = k * LN2_LOW - low
  const r = a - b
  const lost = a - r - b
  // Taylor series of e^r for |r| <= ln(2) / 2, from r^2 / 2! on; the first dropped term is below 2^-57.
  let sum = 0
  for (let n = 13; n >= 2; n--) sum = (sum * r + 1) / n
  return scaled(1 + (r + (lost + r * (sum * r))), k)
}

/** e to the power x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN
  return expOf(x, 0)
}

/** Natural logarithm; -Infinity at 0 and NaN below it. */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x > 0 ? x : NaN
  let k = exponentOf(x)
  let m = scaled(x, -k)
  if (m > SQRT2) {
    m /= 2
    k++
  }
  // ln(1 + f) = 2 artanh(s) with s = f / (2 + f), written as f - f²/2 + s (f²/2 + R) to keep the leading term exact.
  const f = m - 1
  const s = f / (2 + f)
  const half = (f * f) / 2
  return k * LN2_HIGH - (half - (s * (half + (2 / 3) * s * s + tail(s * s)) + k * LN2_LOW) - f)
}

/** 2 (z²/5 + z³/7 + …) for 0 <= z <= 0.0295: what 2 artanh(s) / s has beyond 2 + 2z/3, with z = s². */
function tail(z: number): number {
  let sum = 0
  for (let n = 27; n >= 5; n -= 2) sum = sum * z + 2 / n
  return sum * z * z
}

/** The rounding error of a * b, exactly (T. J. Dekker, Numerische Mathematik 18, 1971). */
function productError(a: number, b: number, product: number): number {
  const p = 134217729 * a
  const aHigh = p - (p - a)
  const aLow = a - aHigh
  const q = 134217729 * b
  const bHigh = q - (q - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/**
 * x to the power y for x >= 0; NaN for a negative x. The logarithm is carried to about 64 bits, since an error in it
 * grows by y ln x in the result.
 */
export function power(x: number, y: number): number {
  if (y === 0 || x === 1) return 1
  if (!(x >= 0) || Number.isNaN(y)) return NaN
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity
  if (y === Infinity || y === -Infinity) return x > 1 === y > 0 ? Infinity : 0
  let k = exponentOf(x)
  let m = scaled(x, -k)
  if (m > SQRT2) {
    m /= 2
    k++
  }
  // s + sLow = (m - 1) / (m + 1); m - 1 is exact and so is the remainder of each product.
  const f = m - 1
  const d = m + 1
  const dLow = m - (d - 1)
  const s = f / d
  const sd = s * d
  const sLow = (f - sd - productError(s, d, sd) - s * dLow) / d
  // ln m = 2s + 2s³/3 + s (2s⁴/5 + …): the first two terms in double-double, the rest needs no more than a double.
  const z = s * s
  const zLow = productError(s, s, z) + 2 * s * sLow
  const cube = s * z
  const cubeLow = productError(s, z, cube) + s * zLow + z * sLow
  const third = (2 * cube) / 3
  const thirdProduct = third * 3
  const thirdLow = (2 * cube - thirdProduct - productError(third, 3, thirdProduct) + 2 * cubeLow) / 3
  const rest = s * tail(z)
  // k ln 2 in two parts: the first product is exact.
  let high = k * LN2_HIGH
  let low = k * LN2_LOW
  for (const term of [2 * s, third]) {
    const sum = high + term
    const part = sum - high
    low += high - (sum - part) + (term - part)
    high = sum
  }
  low += 2 * sLow + thirdLow + rest
  const ln = high + low
  const lnLow = low - (ln - high)
  const product = y * ln
  if (!(product > -800 && product < 800)) return product > 0 ? Infinity : 0
  return expOf(product, productError(y, ln, product) + y * lnLow)
}
