/** A line of the chart's legend as it stands in a picture. */
export interface PictureLegend {
  /** Top of its pane in the chart, pixels. */
  readonly top: number
  readonly colour: string
  readonly text: string
}

/**
 * Saves a chart as a PNG file with a title and its legends.
 *
 * @param panes the chart itself, without them
 * @param element where the chart stands: its colours and font are taken
 */
export function savePicture(
  panes: HTMLCanvasElement,
  element: HTMLElement,
  width: number,
  title: string,
  legends: readonly PictureLegend[],
  file: string,
): void {
  const ratio = panes.width / Math.max(1, width)
  const head = Math.round(28 * ratio)
  const sheet = document.createElement('canvas')
  sheet.width = panes.width
  sheet.height = panes.height + head
  const pen = sheet.getContext('2d')!
  const style = getComputedStyle(element)
  pen.fillStyle = style.backgroundColor
  pen.fillRect(0, 0, sheet.width, sheet.height)
  pen.drawImage(panes, 0, head)
  pen.fillStyle = style.color
  pen.font = `${12 * ratio}px ${style.fontFamily}`
  pen.fillText(title, 12 * ratio, 18 * ratio)
  let x = 0
  let top = NaN
  for (const legend of legends) {
    if (legend.top !== top) x = 12 * ratio
    top = legend.top
    const y = head + (top + 18) * ratio
    pen.fillStyle = legend.colour
    pen.fillRect(x, y - 5 * ratio, 8 * ratio, 2 * ratio)
    pen.fillStyle = style.color
    pen.fillText(legend.text, x + 13 * ratio, y)
    x += pen.measureText(legend.text).width + 28 * ratio
  }
  sheet.toBlob((blob) => {
    if (!blob) return
    const link = document.createElement('a')
    link.href = URL.createObjectURL(blob)
    link.download = file
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  })
}
