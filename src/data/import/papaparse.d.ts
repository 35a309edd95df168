/** The part of Papa Parse that we use; the types that others publish pull in those of Node and of pages. */
declare module 'papaparse' {
  interface Config {
    readonly delimiter?: string
    readonly newline?: '\n' | '\r\n' | '\r'
    readonly quoteChar?: string
    readonly header?: boolean
    readonly dynamicTyping?: boolean | ((column: string | number) => boolean)
    readonly skipEmptyLines?: boolean
    readonly transform?: (value: string, column: string | number) => unknown
    readonly step?: (result: { data: unknown }) => void
  }
  interface Outcome<Row> {
    readonly data: Row[]
    readonly errors: readonly { readonly type: string; readonly code: string; readonly row?: number }[]
  }
  const Papa: { parse<Row>(text: string, config?: Config): Outcome<Row> }
  export default Papa
}
