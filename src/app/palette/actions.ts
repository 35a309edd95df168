import { catalogue } from '#data'
import { copy } from '../hand-over.ts'
import type { Playground } from '../playground.svelte.ts'
import { initialShares, type Hues, type Preferences, type Theme } from '../preferences.svelte.ts'
import type { Asked } from './asked.ts'
import { numberFormats, zones } from './choices.ts'
import type { ResultTab } from '../Results.svelte'

/** Something that can be done from the list of all commands. */
export interface Action {
  /** Unlike any other's. */
  readonly id: string
  readonly label: string
  readonly group: string
  /** Keys that do the same, such as `Mod+Enter`. */
  readonly keys?: string | undefined
  /** Other words by which it is looked for. */
  readonly words?: string | undefined
  /** Shown as what holds now. */
  readonly checked?: boolean | undefined
  readonly run: () => void
}

/** What the page around can open. */
export interface Opens {
  readonly ask: (dialog: Asked) => void
  /** Chooses strategies to import. */
  readonly importStrategies: () => void
  /** Hands the open strategy to the reader as a zip. */
  readonly exportStrategy: () => void
  /** Other commands, of parts that bring their own. */
  readonly more: readonly Action[]
}

const themes: readonly [Theme, string][] = [
  ['system', 'Theme: as the system'],
  ['light', 'Theme: light'],
  ['dark', 'Theme: dark'],
]
const hues: readonly [Hues, string][] = [
  ['teal-vermilion', 'Gain and loss: teal and vermilion'],
  ['green-red', 'Gain and loss: green and red'],
]
const tabs: readonly [ResultTab, string, string?][] = [
  ['overview', 'Overview', 'figures metrics return sharpe'],
  ['trades', 'Trades'],
  ['history', 'History', 'runs snapshots compare restore'],
  ['steps', 'Steps', 'debugger moments breakpoint orders positions indicators'],
  ['log', 'Log', 'console print'],
  ['problems', 'Problems', 'errors warnings'],
  ['risk', 'Risk', 'rules limits position drawdown loss kill switch'],
  ['terms', 'Costs and fills', 'commission slippage cash leverage seed range dates from to'],
]

/** Everything that can be done now, what is most often done first. */
export function actionsOf(playground: Playground, preferences: Preferences, opens: Opens): readonly Action[] {
  const { library } = playground
  const changeable = !library.readOnly
  const made: (Action | false | undefined)[] = [
    playground.phase === 'idle'
      ? { id: 'run', label: 'Run', group: 'Run', keys: 'Mod+Enter', run: () => void playground.run() }
      : {
          id: 'stop',
          label: 'Stop the run',
          group: 'Run',
          keys: 'Escape',
          run: () => void playground.stop(),
        },
    playground.phase === 'running' && {
      id: 'pause',
      label: playground.paused ? 'Let the run go on' : 'Pause the run, to step through it',
      group: 'Run',
      words: 'debugger wait resume continue',
      run: () => {
        if (!playground.paused) playground.wanted = { tab: 'steps' }
        void playground.pause(!playground.paused)
      },
    },
    { id: 'reset', label: 'Reset the inputs', group: 'Run', run: () => playground.resetInputs() },
    playground.result && {
      id: 'digest',
      label: 'Copy the digest of the run',
      group: 'Run',
      words: 'hash',
      run: () => void copy(playground.result!.record.digest),
    },
    ...opens.more,
    { id: 'new', label: 'New strategy', group: 'Strategy', run: () => void playground.create() },
    {
      id: 'duplicate',
      label: 'Duplicate this strategy',
      group: 'Strategy',
      words: 'fork copy',
      run: () => void playground.duplicate(),
    },
    {
      id: 'documents',
      label: 'Your strategies…',
      group: 'Strategy',
      words: 'documents manage storage deleted trash',
      run: () => opens.ask('documents'),
    },
    {
      id: 'gallery',
      label: 'Browse the samples…',
      group: 'Strategy',
      words: 'examples gallery',
      run: () => opens.ask('gallery'),
    },
    changeable &&
      !library.sample && {
        id: 'rename',
        label: 'Rename this strategy…',
        group: 'Strategy',
        run: () => opens.ask('rename'),
      },
    changeable &&
      !library.sample && {
        id: 'delete',
        label: 'Delete this strategy',
        group: 'Strategy',
        run: () => void playground.delete(),
      },
    changeable &&
      library.edited && {
        id: 'revert',
        label: 'Revert to the sample',
        group: 'Strategy',
        run: () => void playground.revert(),
      },
    library.undo && {
      id: 'undo',
      label: `Undo: ${library.undo.text}`,
      group: 'Strategy',
      run: () => void playground.takeBack(),
    },
    {
      id: 'import',
      label: 'Import strategies…',
      group: 'Strategy',
      words: 'open zip file ts',
      run: opens.importStrategies,
    },
    {
      id: 'export',
      label: 'Export this strategy',
      group: 'Strategy',
      words: 'zip download save as',
      run: opens.exportStrategy,
    },
    {
      id: 'save',
      label: 'Keep the text now',
      group: 'Strategy',
      keys: 'Mod+S',
      words: 'save',
      run: () => void library.flush(),
    },
    ...Object.keys(library.source.files).map((file) => ({
      id: `file ${file}`,
      label: `Go to ${file}`,
      group: 'Files',
      checked: file === library.file || undefined,
      run: () => playground.show({ file, line: 1, column: 1 }),
    })),
    ...tabs.map(([tab, label, words]) => ({
      id: `tab ${tab}`,
      label: `Show ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
      group: 'Panels',
      words,
      run: () => void show(playground, tab),
    })),
    {
      id: 'layout',
      label: 'Reset the panel sizes',
      group: 'Panels',
      run: () => (preferences.shares = initialShares),
    },
    {
      id: 'settings',
      label: 'Settings…',
      group: 'Settings',
      keys: 'Mod+,',
      words: 'preferences options',
      run: () => opens.ask('settings'),
    },
    {
      id: 'shortcuts',
      label: 'Keyboard shortcuts…',
      group: 'Settings',
      keys: '?',
      words: 'help keys',
      run: () => opens.ask('shortcuts'),
    },
    ...themes.map(([theme, label]) => ({
      id: `theme ${theme}`,
      label,
      group: 'Settings',
      checked: preferences.theme === theme || undefined,
      run: () => (preferences.theme = theme),
    })),
    ...hues.map(([pair, label]) => ({
      id: `hues ${pair}`,
      label,
      group: 'Settings',
      checked: preferences.hues === pair || undefined,
      run: () => (preferences.hues = pair),
    })),
    ...zones.map(([zone, label]) => ({
      id: `zone ${zone}`,
      label: `Times: ${/^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)}`,
      group: 'Settings',
      words: 'zone clock utc',
      checked: preferences.zone === zone || undefined,
      run: () => (preferences.zone = zone),
    })),
    ...numberFormats.map(([tag, label]) => ({
      id: `numbers ${tag}`,
      label: `Numbers: ${label}`,
      group: 'Settings',
      words: 'format locale',
      checked: preferences.numbers === tag || undefined,
      run: () => (preferences.numbers = tag),
    })),
    {
      id: 'wrap',
      label: preferences.editor.wrap ? 'Code: long lines run on' : 'Code: wrap long lines',
      group: 'Settings',
      run: () => (preferences.editor = { ...preferences.editor, wrap: !preferences.editor.wrap }),
    },
    {
      id: 'minimap',
      label: preferences.editor.minimap ? 'Code: hide the overview' : 'Code: show the overview',
      group: 'Settings',
      words: 'minimap',
      run: () => (preferences.editor = { ...preferences.editor, minimap: !preferences.editor.minimap }),
    },
    ...library.own.map(({ id, name }) => ({
      id,
      label: name,
      group: 'Your strategies',
      checked: id === library.id || undefined,
      run: () => void playground.openDocument(id),
    })),
    ...library.samples.map((sample) => ({
      id: `sample ${sample.id}`,
      label: sample.name,
      group: 'Samples',
      words: sample.thesis,
      checked: sample === library.sample || undefined,
      run: () => void playground.openSample(sample.id),
    })),
    ...catalogue.map(({ id, name }) => ({
      id: `data ${id}`,
      label: `Run on ${name}`,
      group: 'Data',
      words: 'prices',
      checked: id === playground.dataId.split('+')[0] || undefined,
      run: () => void playground.chooseData(id),
    })),
  ]
  return made.filter((action): action is Action => typeof action === 'object')
}

/** Shows a panel and gives it the focus: who asked by keyboard goes on there. */
async function show(playground: Playground, tab: string) {
  playground.wanted = { tab }
  // The list of commands closes first, and gives the focus back to where it was.
  await new Promise((resolve) => setTimeout(resolve))
  const panel = ['settings', 'results'].flatMap((of) => document.getElementById(`${of}-${tab}`) ?? [])[0]
  panel?.focus()
}
