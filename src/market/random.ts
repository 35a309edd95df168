/** A seeded source of random numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  integer(): number
  /** A number from 0 up to, not including, 1, in steps of 2^-32. */
  next(): number
}

/** The generator sfc32 (Chris Doty-Humphrey, PractRand), its state filled from one 32-bit seed by splitmix32. */
export function random(seed: number): Random {
  let s = seed >>> 0
  const mix = () => {
    s = (s + 0x9e3779b9) >>> 0
    let z = s
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1
  const integer = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 15; i++) integer()
  return { integer, next: () => integer() / 4294967296 }
}
