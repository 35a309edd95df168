import type { Role } from './names.ts'
import type { NumberForm } from './numbers.ts'
import type { RowKind } from './trades.ts'
import type { DateOrder, EpochUnit, TimeForm } from './times.ts'

/** Something concluded from the file: how sure that is, and what it rests on. */
export interface Guess<T> {
  readonly value: T
  /** From 0 to 1; 1 where the file says so itself or the user did. */
  readonly confidence: number
  /** What speaks for it, in words. */
  readonly reason: string
}

/** A column of the file. */
export interface Column {
  /** As the header writes it; empty where there is none. */
  readonly name: string
  readonly role: Role
  /** Whose prices it holds, in a table that has the prices of several instruments side by side. */
  readonly symbol?: string
}

/** Something that the file leaves open and only its owner can tell. */
export interface Question {
  readonly about: 'dateOrder' | 'zone' | 'decimal' | 'columns' | 'rows'
  /** In words, with an example from the file. */
  readonly text: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  /** What is taken until it is answered. */
  readonly assumed: string
}

/** What the user says instead of the guesses. Everything left out is detected. */
export interface Overrides {
  /** Name of the instrument where the file has none, or the one to take from a file with several. */
  readonly symbol?: string
  /** IANA name such as `America/New_York`, or an offset such as `+01:00`, of times that carry none. */
  readonly zone?: string
  readonly dateOrder?: DateOrder
  readonly epochUnit?: EpochUnit
  readonly delimiter?: string
  readonly decimal?: '.' | ','
  readonly thousands?: NumberForm['thousands']
  /** How many lines the header has, 0 for none. */
  readonly headerRows?: number
  /** Lines before the header. */
  readonly preamble?: number
  /** Roles by the number of the column, from 0. */
  readonly columns?: Readonly<Record<number, Role>>
  /** What prices are divided by. */
  readonly scale?: number
  readonly stamped?: 'open' | 'close'
  /** Whether rows without more prices than one are bars or single trades. */
  readonly rows?: RowKind
}

/** What is known of a file besides its bytes. */
export interface Circumstances {
  /** Name of the file, from which an instrument may be named. */
  readonly name?: string
  /** Whether the sample is the whole file. */
  readonly whole?: boolean
  /** Whether the tabs between its columns stand for runs of spaces. */
  readonly aligned?: boolean
  readonly packed?: readonly string[]
}

/** How a file is laid out, as far as its first part tells. Everything in it can be said otherwise by `Overrides`. */
export interface Layout {
  /** Name of the program or vendor that writes files like this, or a description. */
  readonly format: string
  /** What the table was wrapped in, outermost first: `gzip`, `zip`. */
  readonly packed: readonly string[]
  readonly container: 'csv' | 'json' | 'parquet'
  readonly encoding: Guess<'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252'>
  readonly byteOrderMark: boolean
  readonly delimiter: Guess<string>
  readonly quoted: Guess<boolean>
  readonly numbers: Guess<NumberForm>
  /** Lines that stand before the header or the first row. */
  readonly preamble: Guess<number>
  readonly headerRows: Guess<number>
  readonly columns: Guess<readonly Column[]>
  /** `rows`: one bar a row. `symbols`: a column says whose. `wide`: several instruments side by side. */
  readonly shape: Guess<'rows' | 'symbols' | 'wide'>
  /** Whether its rows are bars or single trades. */
  readonly rows: Guess<RowKind>
  readonly time: Guess<TimeForm>
  /** Digits of a time of day without marks, 0 where it has marks. */
  readonly clockDigits: number
  /** Whether the times are days of a calendar. Such a day is midnight UTC, wherever it was. */
  readonly days: boolean
  /** Zone of the times: `UTC` where they say so; null where nothing does, and they are taken as UTC. */
  readonly zone: Guess<string | null>
  readonly order: Guess<'oldest first' | 'newest first' | 'mixed'>
  /** Microseconds from bar to bar; null where the sample has too few. */
  readonly interval: Guess<number | null>
  readonly stamped: Guess<'open' | 'close'>
  /** What prices are divided by. */
  readonly scale: Guess<number>
  /** Name of the instrument where all rows are of one. */
  readonly symbol: Guess<string>
  readonly questions: readonly Question[]
  /** The first rows as cells, the header not among them. */
  readonly firstRows: readonly (readonly string[])[]
}

/** A file that is no table of prices, and why. */
export interface Unreadable {
  readonly problem: string
}
