import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/typescript/register'
import {
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  typescriptDefaults,
} from 'monaco-editor/languages/features/typescript/register'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import declarations from 'virtual:outcry-declarations'
import type { Diagnostic } from '#compile'
import { initialEditor, type EditorOptions } from '../preferences.svelte.ts'
import { lineHeightOf, metrics, type CodeColours } from './appearance.ts'
import { globals } from './globals.ts'
import { startOfFile, tokenize, type LineState } from './tokens.ts'
import LanguageWorker from '../../../workers/language.ts?worker'

/** Where the caret and the view are, in offsets of the text and in pixels. */
export interface Place {
  readonly from: number
  readonly to: number
  readonly top: number
  readonly left: number
}

export interface CodeEditorEvents {
  onChange(text: string, file: string): void
  onRun(): void
  /** What the language service finds, told again whenever it changes. */
  onDiagnostics(diagnostics: readonly Diagnostic[]): void
  /** The marked lines of the file that is shown, from 1, when one was added or taken away or the text around them has moved. */
  onMarks(file: string, lines: readonly number[]): void
}

const folder = 'file:///strategy/'
/** TypeScript that is coloured and not checked. */
const plainTypeScript = 'typescript-text'

class State implements monaco.languages.IState {
  readonly line: LineState
  constructor(line: LineState) {
    this.line = line
  }
  clone(): State {
    return this
  }
  equals(other: monaco.languages.IState): boolean {
    if (!(other instanceof State)) return false
    const { comment, templates } = other.line
    return comment === this.line.comment && templates.join() === this.line.templates.join()
  }
}

let ready = false
/** Counts up: another library, even an empty one, has the language service look at every file again. */
let revision = 0

/** The language service knows the module `outcry`, the language, and nothing of browsers. */
function prepare(): void {
  if (ready) return
  ready = true
  globalThis.MonacoEnvironment = {
    getWorker: (_id: string, label: string) =>
      label === 'typescript' ? new LanguageWorker() : new EditorWorker(),
  }
  typescriptDefaults.setCompilerOptions({
    // ES2022, which the enum of this release does not name.
    target: 9 as ScriptTarget,
    lib: ['lib.es2022.d.ts'],
    types: [],
    module: ModuleKind.ESNext,
    moduleResolution: ModuleResolutionKind.NodeJs,
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    useDefineForClassFields: true,
    allowNonTsExtensions: true,
  })
  typescriptDefaults.setEagerModelSync(true)
  typescriptDefaults.addExtraLib(withFencedExamples(declarations), 'file:///node_modules/outcry/index.d.ts')
  typescriptDefaults.addExtraLib(globals, 'file:///globals.d.ts')
  // The colours of the plain editor, which is there first.
  const colours: monaco.languages.TokensProvider = {
    getInitialState: () => new State(startOfFile),
    tokenize(line, state) {
      const { tokens, end } = tokenize(line, state instanceof State ? state.line : startOfFile)
      let startIndex = 0
      return {
        tokens: tokens.map(({ kind, text }) => {
          const token = { startIndex, scopes: kind }
          startIndex += text.length
          return token
        }),
        endState: new State(end),
      }
    },
  }
  monaco.languages.register({ id: plainTypeScript })
  for (const language of ['typescript', plainTypeScript])
    monaco.languages.setTokensProvider(language, colours)
}

/** The hover card takes an example for prose unless it is fenced as code. */
function withFencedExamples(text: string): string {
  return text.replace(
    /^([ \t]*\* )@example\n((?:[ \t]*\*(?! @|\/).*\n)+)/gm,
    (_all, star: string, lines: string) =>
      `${star}@example for instance\n${star}\`\`\`ts\n${lines}${star}\`\`\`\n`,
  )
}

/** Colours all editors; call again when the theme changes. */
export function paint(colours: CodeColours, theme: 'light' | 'dark'): void {
  const rule = (token: string, colour: string, fontStyle?: string) => ({
    token,
    foreground: colour.slice(1),
    ...(fontStyle && { fontStyle }),
  })
  const { panel, raised, sunken, line, text, text2, text3, accent, error, warn, info } = colours
  monaco.editor.defineTheme('outcry', {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      rule('', text),
      rule('plain', text),
      rule('keyword', colours.keyword),
      rule('string', colours.string),
      rule('comment', colours.comment),
      rule('name', colours.name),
      rule('number', colours.number),
    ],
    colors: {
      'editor.background': panel,
      'editor.foreground': text,
      'editorGutter.background': panel,
      'editorLineNumber.foreground': text3,
      'editorLineNumber.activeForeground': text,
      'editorCursor.foreground': accent,
      'editor.selectionBackground': `${accent}40`,
      'editor.inactiveSelectionBackground': `${accent}26`,
      'editor.lineHighlightBackground': `${sunken}99`,
      'editor.lineHighlightBorder': '#00000000',
      'editor.wordHighlightBackground': `${accent}20`,
      'editor.wordHighlightStrongBackground': `${accent}30`,
      'editorBracketMatch.background': `${accent}26`,
      'editorBracketMatch.border': '#00000000',
      'editorError.foreground': error,
      'editorWarning.foreground': warn,
      'editorInfo.foreground': info,
      'editorWidget.background': raised,
      'editorWidget.foreground': text,
      'editorWidget.border': line,
      'editorHoverWidget.background': raised,
      'editorHoverWidget.foreground': text,
      'editorHoverWidget.border': line,
      'editorSuggestWidget.background': raised,
      'editorSuggestWidget.foreground': text,
      'editorSuggestWidget.border': line,
      'editorSuggestWidget.selectedBackground': `${accent}33`,
      'editorSuggestWidget.selectedForeground': text,
      'editorSuggestWidget.highlightForeground': accent,
      'editorSuggestWidget.focusHighlightForeground': accent,
      'textCodeBlock.background': sunken,
      'textLink.foreground': accent,
      'textLink.activeForeground': accent,
      descriptionForeground: text2,
      'list.hoverBackground': sunken,
      'list.activeSelectionBackground': `${accent}33`,
      'list.activeSelectionForeground': text,
      'list.focusBackground': `${accent}33`,
      'list.focusForeground': text,
      'quickInput.background': raised,
      'quickInput.foreground': text,
      'menu.background': raised,
      'menu.foreground': text,
      'menu.selectionBackground': `${accent}33`,
      'menu.selectionForeground': text,
      'input.background': panel,
      'input.foreground': text,
      'input.border': line,
      focusBorder: accent,
      'scrollbarSlider.background': `${text3}40`,
      'scrollbarSlider.hoverBackground': `${text3}66`,
      'scrollbarSlider.activeBackground': `${text3}80`,
      'widget.shadow': theme === 'dark' ? '#00000080' : '#0f172a24',
    },
  })
  monaco.editor.setTheme('outcry')
}

const severities = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
} as const

/** A file of the strategy as Monaco has it. */
interface OpenFile {
  readonly model: monaco.editor.ITextModel
  readonly watch: monaco.IDisposable
  /** Where the caret and the view were when it was left. */
  view?: monaco.editor.ICodeEditorViewState | null
}

/** Monaco on the files of a strategy, of which it shows one. */
export class CodeEditor {
  readonly #editor: monaco.editor.IStandaloneCodeEditor
  readonly #events: CodeEditorEvents
  readonly #watch: monaco.IDisposable[] = []
  readonly #files = new Map<string, OpenFile>()
  #document: string
  #file: string
  #markers: readonly Diagnostic[] = []
  #tabSize = initialEditor.tabSize
  /** While the app itself puts text in, a change is no edit. */
  #quiet = false
  #rechecking: ReturnType<typeof setTimeout> | undefined
  /** Lines with a mark beside their number, in the file that is shown. */
  readonly #marks: monaco.editor.IEditorDecorationsCollection

  constructor(
    host: HTMLElement,
    document: string,
    files: Readonly<Record<string, string>>,
    file: string,
    fontFamily: string,
    events: CodeEditorEvents,
  ) {
    prepare()
    this.#events = events
    this.#document = document
    this.#file = file
    for (const [name, text] of Object.entries(files)) this.#open(name, text)
    this.#editor = monaco.editor.create(host, {
      model: this.#files.get(file)?.model ?? null,
      theme: 'outcry',
      fontFamily,
      fontSize: initialEditor.fontSize,
      lineHeight: lineHeightOf(initialEditor.fontSize),
      padding: { top: metrics.padding, bottom: metrics.padding },
      lineNumbersMinChars: metrics.numberCharacters,
      lineDecorationsWidth: metrics.numberGap,
      glyphMargin: false,
      folding: false,
      fontLigatures: false,
      minimap: { enabled: false },
      stickyScroll: { enabled: false },
      scrollBeyondLastLine: false,
      renderLineHighlightOnlyWhenFocus: true,
      overviewRulerBorder: false,
      hideCursorInOverviewRuler: true,
      renderFinalNewline: 'on',
      guides: { indentation: false },
      wordBasedSuggestions: 'off',
      scrollbar: {
        useShadows: false,
        verticalScrollbarSize: 8,
        horizontalScrollbarSize: 8,
        alwaysConsumeMouseWheel: false,
      },
      fixedOverflowWidgets: true,
      automaticLayout: true,
      ariaLabel: labelOf(file),
    })
    this.#marks = this.#editor.createDecorationsCollection()
    this.#editor.addAction({
      id: 'outcry.mark',
      label: 'Mark the line for stepping',
      keybindings: [monaco.KeyCode.F9],
      run: (editor) => this.#toggleMark(editor.getPosition()?.lineNumber),
    })
    this.#watch.push(
      this.#editor.onMouseDown(({ target }) => {
        const { GUTTER_LINE_NUMBERS, GUTTER_LINE_DECORATIONS } = monaco.editor.MouseTargetType
        if (target.type === GUTTER_LINE_NUMBERS || target.type === GUTTER_LINE_DECORATIONS)
          this.#toggleMark(target.position?.lineNumber)
      }),
      this.#editor.onDidChangeModelContent(() => {
        if (this.#marks.length > 0) this.#tellMarks()
      }),
      this.#editor.onKeyDown((event) => {
        if (event.keyCode !== monaco.KeyCode.Enter || !(event.ctrlKey || event.metaKey) || event.shiftKey)
          return
        event.preventDefault()
        event.stopPropagation()
        events.onRun()
      }),
      monaco.editor.onDidChangeMarkers((uris) => {
        const own = [...this.#files.values()].map(({ model }) => model.uri.toString())
        if (uris.some((uri) => own.includes(uri.toString()))) this.#tell()
      }),
    )
  }

  dispose(): void {
    clearTimeout(this.#rechecking)
    for (const watch of this.#watch) watch.dispose()
    this.#editor.dispose()
    for (const name of [...this.#files.keys()]) this.#close(name)
  }

  /**
   * Shows one of a strategy's files. Another text of a file that is there can be undone; the files of another strategy
   * begin anew.
   */
  setFiles(document: string, files: Readonly<Record<string, string>>, file: string): void {
    const others = document !== this.#document
    this.#document = document
    const gone = [...this.#files.keys()].filter((name) => others || !(name in files))
    const before = gone.map((name) => this.#take(name))
    for (const [name, text] of Object.entries(files)) this.#put(name, text)
    const shown = this.#files.get(this.#file)
    if (shown && file !== this.#file) shown.view = this.#editor.saveViewState()
    const next = this.#files.get(file)
    if (next && this.#editor.getModel() !== next.model) {
      this.#editor.setModel(next.model)
      this.#editor.updateOptions({ ariaLabel: labelOf(file) })
      if (next.view) this.#editor.restoreViewState(next.view)
    }
    this.#file = file
    for (const left of before) left?.model.dispose()
    if (gone.length > 0 || others) this.#tell()
    this.setMarkers(this.#markers)
  }

  #open(name: string, text: string): void {
    const model = open(this.#document, name, text)
    model.updateOptions({ tabSize: this.#tabSize })
    const watch = model.onDidChangeContent(() => {
      this.#recheck()
      if (!this.#quiet) this.#events.onChange(model.getValue(), name)
    })
    this.#files.set(name, { model, watch })
    this.#recheck()
  }

  /** Has all files checked again: what is right in one depends on the others, and Monaco looks at the changed one alone. */
  #recheck(): void {
    clearTimeout(this.#rechecking)
    if (this.#files.size < 2) return
    this.#rechecking = setTimeout(
      () => typescriptDefaults.addExtraLib(`// ${++revision}`, 'file:///revision.d.ts'),
      500,
    )
  }

  #put(name: string, text: string): void {
    const model = this.#files.get(name)?.model
    if (!model) return this.#open(name, text)
    if (text === model.getValue()) return
    this.#quiet = true
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null)
    this.#quiet = false
  }

  /** Forgets a file without disposing of its model, which may still be shown. */
  #take(name: string): OpenFile | undefined {
    const file = this.#files.get(name)
    file?.watch.dispose()
    this.#files.delete(name)
    return file
  }

  #close(name: string): void {
    this.#take(name)?.model.dispose()
  }

  setReadOnly(readOnly: boolean): void {
    this.#editor.updateOptions({ readOnly })
  }

  setOptions({ fontSize, tabSize, wrap, minimap }: EditorOptions): void {
    this.#tabSize = tabSize
    for (const { model } of this.#files.values()) model.updateOptions({ tabSize })
    this.#editor.updateOptions({
      fontSize,
      lineHeight: lineHeightOf(fontSize),
      wordWrap: wrap ? 'on' : 'off',
      minimap: { enabled: minimap, renderCharacters: false, maxColumn: 80 },
    })
  }

  /** What the compiler or a run says of these files, beside what the language service finds by itself. */
  setMarkers(diagnostics: readonly Diagnostic[]): void {
    this.#markers = diagnostics
    for (const [name, { model }] of this.#files)
      monaco.editor.setModelMarkers(
        model,
        'outcry',
        diagnostics
          .filter(({ file, source }) => file === name && source !== 'types')
          .map(({ line, column, length, message, severity }) => ({
            message,
            severity: severities[severity],
            startLineNumber: line,
            startColumn: column,
            endLineNumber: line,
            endColumn: column + length,
          })),
      )
  }

  /** Marks lines of the file that is shown. */
  setMarks(lines: readonly number[]): void {
    if (lines.join() === this.#markedLines().join()) return
    this.#marks.set(
      lines.map((line) => ({
        range: new monaco.Range(line, 1, line, 1),
        options: {
          isWholeLine: true,
          linesDecorationsClassName: 'outcry-mark',
          stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
        },
      })),
    )
  }

  #markedLines(): number[] {
    const lines = this.#marks.getRanges().map(({ startLineNumber }) => startLineNumber)
    return [...new Set(lines)].sort((a, b) => a - b)
  }

  #toggleMark(line: number | undefined): void {
    if (line === undefined) return
    const lines = this.#markedLines()
    this.setMarks(
      lines.includes(line) ? lines.filter((other) => other !== line) : [...lines, line].sort((a, b) => a - b),
    )
    this.#tellMarks()
  }

  #tellMarks(): void {
    this.#events.onMarks(this.#file, this.#markedLines())
  }

  reveal(line: number, column: number): void {
    const position = this.#editor.getModel()?.validatePosition({ lineNumber: line, column })
    if (!position) return
    this.#editor.setPosition(position)
    this.#editor.revealPositionInCenterIfOutsideViewport(position)
    this.#editor.focus()
  }

  /** Takes over from the plain editor: the same text selected, the same lines in view. */
  take({ from, to, top, left }: Place, focused: boolean): void {
    const model = this.#editor.getModel()
    if (!model) return
    this.#editor.setSelection(
      monaco.Selection.fromPositions(model.getPositionAt(from), model.getPositionAt(to)),
    )
    this.#editor.layout()
    this.#editor.setScrollPosition({ scrollTop: top, scrollLeft: left }, monaco.editor.ScrollType.Immediate)
    if (focused) this.#editor.focus()
  }

  #tell(): void {
    const found = [...this.#files].flatMap(([file, { model }]) =>
      monaco.editor
        .getModelMarkers({ resource: model.uri, owner: 'typescript' })
        .map((marker) => ({ file, marker })),
    )
    this.#events.onDiagnostics(
      found
        .filter(({ marker }) => marker.severity >= monaco.MarkerSeverity.Warning)
        .map(({ file, marker }) => ({
          file,
          line: marker.startLineNumber,
          column: marker.startColumn,
          length:
            marker.endLineNumber === marker.startLineNumber
              ? Math.max(1, marker.endColumn - marker.startColumn)
              : 1,
          message: marker.message,
          severity: marker.severity === monaco.MarkerSeverity.Error ? 'error' : 'warning',
          source: 'types',
        })),
    )
  }
}

/** Monaco on two texts, to be read side by side, or one below the other where there is no room. */
export class DiffView {
  readonly #editor: monaco.editor.IStandaloneDiffEditor
  #models: readonly monaco.editor.ITextModel[] = []

  constructor(host: HTMLElement, fontFamily: string) {
    prepare()
    this.#editor = monaco.editor.createDiffEditor(host, {
      theme: 'outcry',
      fontFamily,
      fontSize: initialEditor.fontSize,
      lineHeight: lineHeightOf(initialEditor.fontSize),
      readOnly: true,
      originalEditable: false,
      automaticLayout: true,
      useInlineViewWhenSpaceIsLimited: true,
      renderOverviewRuler: false,
      hideUnchangedRegions: { enabled: true },
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      folding: false,
      stickyScroll: { enabled: false },
      lineNumbersMinChars: metrics.numberCharacters,
      scrollbar: { useShadows: false, verticalScrollbarSize: 8, horizontalScrollbarSize: 8 },
    })
  }

  show(before: string, after: string, label: string): void {
    const old = this.#models
    // A language of its own: nobody looks for type errors in a text of the past.
    const [original, modified] = [before, after].map((text) =>
      monaco.editor.createModel(text, plainTypeScript),
    ) as [monaco.editor.ITextModel, monaco.editor.ITextModel]
    this.#models = [original, modified]
    this.#editor.setModel({ original, modified })
    this.#editor.getOriginalEditor().updateOptions({ ariaLabel: `${label}, first run` })
    this.#editor.getModifiedEditor().updateOptions({ ariaLabel: `${label}, second run` })
    for (const model of old) model.dispose()
  }

  dispose(): void {
    this.#editor.dispose()
    for (const model of this.#models) model.dispose()
  }
}

const labelOf = (file: string) => `${file}, strategy code. Control M switches whether Tab leaves the editor.`

function open(document: string, file: string, text: string): monaco.editor.ITextModel {
  const path = [document.replace(/[^\w-]/g, '-'), ...file.split('/').map(encodeURIComponent)].join('/')
  const uri = monaco.Uri.parse(folder + path)
  monaco.editor.getModel(uri)?.dispose()
  const model = monaco.editor.createModel(text, 'typescript', uri)
  model.updateOptions({
    tabSize: 2,
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  })
  return model
}
