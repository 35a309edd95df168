/// <reference path="./monaco-worker.d.ts" />
import {
  type CodeFix,
  type ServiceDiagnostic,
  ts as services,
  TypeScriptWorker,
} from 'monaco-editor/languages/features/typescript/ts.worker'
import { alwaysTrue, type AlwaysTrue } from '#compile'

const { typescript: ts } = services

/** Number of our warnings; the compiler's own have at most five digits. */
const ours = 100_001

/** Monaco's language service, which also warns of conditions that no refusal makes false, and mends them. */
export class StrategyService extends TypeScriptWorker {
  override async getSemanticDiagnostics(fileName: string): Promise<readonly ServiceDiagnostic[]> {
    const found = await super.getSemanticDiagnostics(fileName)
    return [
      ...found,
      ...this.#found(fileName)
        // What the compiler says of a promise in a condition says it.
        .filter(({ start, length }) => !found.some((one) => one.start === start && one.length === length))
        .map(({ start, length, message }) => ({
          category: ts.DiagnosticCategory.Warning,
          code: ours,
          start,
          length,
          messageText: message,
        })),
    ]
  }

  override async getCodeFixesAtPosition(
    fileName: string,
    start: number,
    end: number,
    codes: readonly number[],
    format: object,
  ): Promise<readonly CodeFix[]> {
    const others = await super.getCodeFixesAtPosition(fileName, start, end, codes, format)
    if (!codes.includes(ours)) return others
    const mends = this.#found(fileName)
      .filter((one) => one.start < Math.max(end, start + 1) && one.start + one.length >= start)
      .flatMap(({ start, length, mend }) =>
        mend
          ? [
              {
                fixName: 'outcry',
                description: mend.title,
                changes: [{ fileName, textChanges: [{ span: { start, length }, newText: mend.text }] }],
              },
            ]
          : [],
      )
    return [...mends, ...others]
  }

  #found(fileName: string): AlwaysTrue[] {
    const program = this.getLanguageService().getProgram()
    return program ? alwaysTrue(ts, program, fileName) : []
  }
}
