import type ts from 'typescript'

/** A condition on an answer as a whole, which holds whatever the answer says. */
export interface AlwaysTrue {
  /** Of the condition in the text, in UTF-16 units. */
  readonly start: number
  readonly length: number
  readonly message: string
  /** What the mend does, such as `Test .accepted`; absent where there is none that is only an edit. */
  readonly mend?: {
    readonly title: string
    /** What takes the condition's place. */
    readonly text: string
  }
}

/** Conditions of a file of which no more are told, until some of them are mended. */
const mostTold = 50

/**
 * The conditions of a file that were meant to ask whether an order was accepted, and ask whether there is an answer:
 * that is an object, refused or not. Found by the types, so an answer is known whatever it is kept in. Of many the
 * first are told.
 *
 * @param typescript the compiler that made the program
 * @param program one that knows the declarations of `outcry`
 * @param fileName of a file of the program; one that it has not gives none
 */
export function alwaysTrue(typescript: typeof ts, program: ts.Program, fileName: string): AlwaysTrue[] {
  const file = program.getSourceFile(fileName)
  if (!file) return []
  const checker = program.getTypeChecker()
  const found = new Map<number, AlwaysTrue>()

  const tested = new Set<ts.Node>()

  const look = (node: ts.Node): void => {
    if (typescript.isIfStatement(node) || typescript.isWhileStatement(node) || typescript.isDoStatement(node))
      test(node.expression)
    else if (typescript.isForStatement(node)) {
      if (node.condition) test(node.condition)
    } else if (typescript.isConditionalExpression(node)) test(node.condition)
    else if (isNot(node)) test(node.operand)
    else if (isLogical(node)) test(node.left)
    else if (
      typescript.isCallExpression(node) &&
      typescript.isIdentifier(node.expression) &&
      node.expression.text === 'Boolean' &&
      node.arguments[0]
    )
      test(node.arguments[0])
  }
  const isNot = (node: ts.Node): node is ts.PrefixUnaryExpression =>
    typescript.isPrefixUnaryExpression(node) && node.operator === typescript.SyntaxKind.ExclamationToken
  const isLogical = (node: ts.Node): node is ts.BinaryExpression =>
    typescript.isBinaryExpression(node) &&
    (node.operatorToken.kind === typescript.SyntaxKind.AmpersandAmpersandToken ||
      node.operatorToken.kind === typescript.SyntaxKind.BarBarToken)

  /** What is tested for its truth; each part of it once, as a part of a long chain is a chain too. */
  function test(condition: ts.Expression): void {
    const parts = [condition]
    for (let part = parts.pop(); part && found.size < mostTold; part = parts.pop()) {
      if (tested.has(part)) continue
      tested.add(part)
      if (typescript.isParenthesizedExpression(part)) parts.push(part.expression)
      else if (isLogical(part)) parts.push(part.right, part.left)
      else if (isNot(part)) parts.push(part.operand)
      else {
        const start = part.getStart(file)
        const said = sayOf(part)
        if (said) found.set(start, { start, length: part.getEnd() - start, ...said })
      }
    }
  }

  function sayOf(node: ts.Expression): Pick<AlwaysTrue, 'message' | 'mend'> | undefined {
    const text = node.getText(file)
    const type = checker.getTypeAtLocation(node)
    const awaited = typescript.isAwaitExpression(node)
    const whole = awaited ? `(${text})` : text
    const kind = kindOf(type)
    if (kind) return { message: alwaysTrueWords(kind), mend: mendOf(kind, whole) }
    // An identifier that may be undefined is asked for that.
    const target = awaited && kindOf(checker.getNonNullableType(type))
    if (target)
      return {
        message: alwaysTrueWords(target),
        mend: mendOf(target, whole, '?.'),
      }
    const promised = checker.getAwaitedType(type)
    if (!promised || promised === type) return undefined
    const later = kindOf(checker.getNonNullableType(promised))
    if (!later) return undefined
    const message = alwaysTrueWords(later, true)
    const optional = kindOf(promised) ? undefined : '?.'
    return inAsync(node) ? { message, mend: mendOf(later, `(await ${text})`, optional) } : { message }
  }

  function mendOf(kind: AnswerKind, of: string, dot: string = '.'): AlwaysTrue['mend'] {
    const { path } = mends[kind]
    return { title: `Test ${path}`, text: `${of}${dot}${path.slice(1)}` }
  }

  /** What of the library a type is; undefined where it is something else, or may be something else too. */
  function kindOf(type: ts.Type): AnswerKind | undefined {
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(type as ts.TypeReference)
      return element && kindOf(element) === 'answer' ? 'list' : undefined
    }
    const parts = type.isUnion() ? type.types : [type]
    if (parts.every((part) => isOurs(part.getProperty('accepted')))) return 'answer'
    const entry = type.getProperty('entry')
    return isOurs(entry) && kindOf(checker.getTypeOfSymbol(entry)) === 'answer' ? 'bracket' : undefined
  }

  function isOurs(symbol: ts.Symbol | undefined): symbol is ts.Symbol {
    return !!symbol?.declarations?.some((node) => /\boutcry\b/.test(node.getSourceFile().fileName))
  }

  function inAsync(node: ts.Node): boolean {
    const around = typescript.findAncestor(node, (one): one is ts.FunctionLikeDeclaration =>
      typescript.isFunctionLike(one),
    )
    return !!around?.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.AsyncKeyword)
  }

  // A list of what is still to be gone through, as a long chain is too deep for calls within calls.
  const waiting: ts.Node[] = [file]
  for (let node = waiting.pop(); node && found.size < mostTold; node = waiting.pop()) {
    look(node)
    const children: ts.Node[] = []
    typescript.forEachChild(node, (child) => {
      children.push(child)
    })
    for (const child of children.reverse()) waiting.push(child)
  }
  return [...found.values()].sort((a, b) => a.start - b.start)
}

/** What the library answers with. */
export type AnswerKind = 'answer' | 'list' | 'bracket'

/** What is said of a condition on an answer as a whole, or on the promise of one. */
export const alwaysTrueWords = (kind: AnswerKind, promised = false): string =>
  promised
    ? `This is the promise of an answer, which is always true. Await it, and then: ${mends[kind].words}`
    : `${always[kind]} ${mends[kind].words}`

const always: Readonly<Record<AnswerKind, string>> = {
  answer: 'An answer is an object, so this is true for refused orders too.',
  list: 'A list of answers is an object, so this is always true.',
  bracket: 'The answers to a bracket are an object, so this is true when its entry was refused too.',
}

const mends: Readonly<Record<AnswerKind, { readonly words: string; readonly path: string }>> = {
  answer: { words: 'Test its .accepted.', path: '.accepted' },
  list: {
    words: 'Test every one for .accepted.',
    path: '.every(({ accepted }) => accepted)',
  },
  bracket: { words: 'Test its .entry.accepted.', path: '.entry.accepted' },
}
