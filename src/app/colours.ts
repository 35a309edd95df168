/** Red, green and blue, each from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

/**
 * Colours of the stylesheet for what cannot read it, such as a canvas: each token as it stands at an element, in the theme
 * that is in force there.
 */
export function resolveColours<Name extends string>(
  element: HTMLElement,
  tokens: Readonly<Record<Name, `--${string}`>>,
): Readonly<Record<Name, Colour>> {
  const probe = document.createElement('span')
  probe.style.display = 'none'
  element.append(probe)
  const entries = Object.entries<string>(tokens).map(([name, token]) => {
    probe.style.color = `var(${token})`
    const [red = 0, green = 0, blue = 0] =
      getComputedStyle(probe)
        .color.match(/[\d.]+/g)
        ?.map(Number) ?? []
    return [name, [red, green, blue]]
  })
  probe.remove()
  return Object.fromEntries(entries) as Record<Name, Colour>
}
