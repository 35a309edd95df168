import { apple } from './keys.ts'

/** A way to do something by keyboard. */
export interface Shortcut {
  /** Keys to press together; several ways where there are several. `Mod` is Ctrl, on Apple's keyboards ⌘. */
  readonly keys: readonly string[]
  readonly what: string
}

/** Every shortcut, by where it works. */
export const shortcuts: readonly { readonly where: string; readonly all: readonly Shortcut[] }[] = [
  {
    where: 'Everywhere',
    all: [
      { keys: ['Mod+Enter'], what: 'Run' },
      { keys: ['Escape'], what: 'Stop the run; close a dialog or a menu' },
      {
        keys: ['Mod+K', 'Mod+P'],
        what: 'All commands. In the code Mod+P, since Mod+K begins commands of the editor',
      },
      { keys: ['Mod+S'], what: 'Keep the text at once; it is kept by itself within a second' },
      { keys: ['Mod+,'], what: 'Settings' },
      { keys: ['?'], what: 'These shortcuts, where no text is being written' },
    ],
  },
  {
    where: 'Code',
    all: [
      { keys: ['Mod+Space'], what: 'Completion' },
      { keys: ['F1'], what: "The editor's own commands" },
      { keys: ['Mod+F'], what: 'Find' },
      { keys: ['Mod+/'], what: 'Comment or uncomment' },
      { keys: ['F2'], what: 'Rename a name everywhere' },
      { keys: ['F12'], what: 'Go to the definition' },
      { keys: ['Alt+ArrowUp', 'Alt+ArrowDown'], what: 'Move a line' },
      { keys: ['Ctrl+M'], what: 'Let Tab leave the editor, or indent again' },
    ],
  },
  {
    where: 'Chart',
    all: [
      { keys: ['ArrowLeft', 'ArrowRight'], what: 'From bar to bar; with Shift by ten' },
      { keys: ['+', '-', '0'], what: 'Zoom in, zoom out, show all' },
      { keys: ['Home', 'End'], what: 'First and last bar' },
      { keys: ['[', ']'], what: 'Trade before, trade after' },
      { keys: ['Enter'], what: 'Select the trade' },
    ],
  },
  {
    where: 'Steps',
    all: [
      { keys: ['ArrowLeft', 'ArrowRight'], what: 'A step back or on; with Shift a bar' },
      { keys: ['N', 'P'], what: 'To what is looked for, later or earlier' },
      { keys: ['Home', 'End'], what: 'First and last moment' },
      { keys: ['F9'], what: 'In the code: stop at the orders of this line, or no longer' },
    ],
  },
  {
    where: 'Tables and history',
    all: [
      { keys: ['ArrowUp', 'ArrowDown'], what: 'From row to row' },
      { keys: ['Mod+C'], what: 'Copy the table as comma-separated text' },
      { keys: ['Space'], what: 'Choose a run of the history; two can be compared' },
      { keys: ['Delete'], what: 'Delete a run of the history' },
    ],
  },
  {
    where: 'Panels',
    all: [
      { keys: ['ArrowLeft', 'ArrowRight'], what: 'Move a splitter, change a slider, go to the next tab' },
      { keys: ['Home', 'End'], what: 'To the ends of any of these' },
    ],
  },
]

const names: Readonly<Record<string, string>> = {
  Mod: apple ? '⌘' : 'Ctrl',
  Ctrl: apple ? '⌃' : 'Ctrl',
  Alt: apple ? '⌥' : 'Alt',
  Enter: '↵',
  Escape: 'Esc',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
}

/** The names of the keys of a shortcut as keyboards show them. */
export const keyNames = (keys: string): readonly string[] =>
  // A plus may be a key itself.
  keys.split(/\+(?=.)/).map((key) => names[key] ?? key)

/** What is said where a shortcut is written in words. */
export const inWords = (text: string) => text.replace(/\bMod\+/g, apple ? '⌘' : 'Ctrl+')
