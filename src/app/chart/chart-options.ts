import {
  type ChartOptionsImpl,
  ColorType,
  CrosshairMode,
  type DeepPartial,
  LineStyle,
} from 'lightweight-charts'
import { css, type Palette } from './palette.ts'

/** How the chart library draws: our colours and type, one time axis, and none of its own gestures. */
export function chartOptions(palette: Palette, host: HTMLElement): DeepPartial<ChartOptionsImpl<number>> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: css(palette.panel) },
      textColor: css(palette.text3),
      fontSize: 11,
      fontFamily: getComputedStyle(host).fontFamily,
      // The chart's frame has a link of its own in place of the logo, which would lie over the lowest pane.
      attributionLogo: false,
      panes: {
        separatorColor: css(palette.line),
        separatorHoverColor: css(palette.accent, 0.2),
        enableResize: true,
      },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: css(palette.line, 0.7) } },
    rightPriceScale: { borderVisible: false, minimumWidth: 56 },
    timeScale: {
      borderColor: css(palette.line),
      rightOffset: 0,
      minBarSpacing: 0.01,
      enableConflation: true,
      allowBoldLabels: true,
    },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: {
        color: css(palette.text3, 0.6),
        labelBackgroundColor: css(palette.text2),
        style: LineStyle.Dotted,
      },
      horzLine: {
        color: css(palette.text3, 0.6),
        labelBackgroundColor: css(palette.text2),
        style: LineStyle.Dotted,
      },
    },
    handleScroll: false,
    handleScale: {
      mouseWheel: false,
      pinch: false,
      axisPressedMouseMove: { time: false, price: true },
      axisDoubleClickReset: { time: false, price: true },
    },
  }
}
