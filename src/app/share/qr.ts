import { encode } from 'uqr'

/** Characters that still make a code which a phone reads from a screen. */
export const mostInQr = 1400

/** A QR code as the path of an SVG in units of one module, with its size. */
export function qrOf(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  let path = ''
  for (const [row, modules] of data.entries())
    for (let column = 0; column < size; column++) {
      if (!modules[column]) continue
      let end = column
      while (end < size && modules[end]) end++
      path += `M${column} ${row}h${end - column}v1h${column - end}z`
      column = end
    }
  return { size, path }
}
