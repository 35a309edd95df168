/** Monaco's language service in its worker, of which the package has no declarations. */
declare module 'monaco-editor/languages/features/typescript/ts.worker' {
  import type typescript from 'typescript'

  /** Some parts of the compiler, and all of it. */
  export const ts: { readonly typescript: typeof typescript }
  export interface ServiceDiagnostic {
    readonly category: typescript.DiagnosticCategory
    readonly code: number
    readonly start: number | undefined
    readonly length: number | undefined
    readonly messageText: string | typescript.DiagnosticMessageChain
  }
  export type CodeFix = Pick<typescript.CodeFixAction, 'fixName' | 'description' | 'changes'>
  export class TypeScriptWorker {
    constructor(context: object, data: object)
    getLanguageService(): typescript.LanguageService
    getSemanticDiagnostics(fileName: string): Promise<readonly ServiceDiagnostic[]>
    getCodeFixesAtPosition(
      fileName: string,
      start: number,
      end: number,
      codes: readonly number[],
      format: object,
    ): Promise<readonly CodeFix[]>
  }
  /** Answers the page's first message by making the service. */
  export function initialize(make: (context: object, data: object) => TypeScriptWorker): void
}
