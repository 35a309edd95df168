import type ts from 'typescript'

/** One name of the strategy API, as its reference page shows it. */
export interface ReferenceEntry {
  readonly name: string
  /** Where the page lists it. */
  readonly group: string
  readonly kind: 'class' | 'function' | 'interface' | 'type' | 'constant'
  /** TypeScript, without the members of classes, interfaces and constants. */
  readonly signature: string
  /** The doc comment before its first tag; backquotes mark code, an empty line ends a paragraph. */
  readonly text: string
  readonly parameters: readonly { readonly name: string; readonly text: string }[]
  readonly returns: string
  readonly throws: readonly string[]
  readonly examples: readonly string[]
  readonly see: readonly string[]
  readonly members: readonly ReferenceMember[]
}

/** A member of a class, an interface or a constant. */
export type ReferenceMember = Omit<ReferenceEntry, 'group' | 'kind' | 'members'> & {
  readonly kind: 'method' | 'property'
}

type Documented = Omit<ReferenceEntry, 'name' | 'group' | 'kind' | 'signature' | 'members'>

/**
 * The strategy API as a reference, read from the declarations that the editor knows it by: every name that they export,
 * with what its doc comment says. Overloads are one entry.
 *
 * @param typescript the compiler, which is needed to read the text
 * @param declarations one module of declarations, as the build makes it of `src/index.ts`
 * @param groupOf where an exported name is listed
 */
export function reference(
  typescript: typeof ts,
  declarations: string,
  groupOf: (name: string) => string,
): ReferenceEntry[] {
  const file = typescript.createSourceFile('outcry.d.ts', declarations, typescript.ScriptTarget.ES2022, true)
  const exported = new Set<string>()
  const declared = new Map<string, ts.Statement[]>()
  for (const statement of file.statements) {
    if (typescript.isExportDeclaration(statement)) {
      const clause = statement.exportClause
      if (clause && typescript.isNamedExports(clause))
        for (const { name } of clause.elements) exported.add(name.text)
      continue
    }
    const name = nameOf(typescript, statement)
    if (name !== undefined) declared.set(name, [...(declared.get(name) ?? []), statement])
  }
  const reader = new Reader(typescript, file)
  return [...exported]
    .filter((name) => declared.has(name))
    .map((name) => reader.entry(name, groupOf(name), declared.get(name)!))
}

function nameOf(typescript: typeof ts, statement: ts.Statement): string | undefined {
  if (typescript.isVariableStatement(statement)) {
    const { name } = statement.declarationList.declarations[0]!
    return typescript.isIdentifier(name) ? name.text : undefined
  }
  if (
    typescript.isClassDeclaration(statement) ||
    typescript.isFunctionDeclaration(statement) ||
    typescript.isInterfaceDeclaration(statement) ||
    typescript.isTypeAliasDeclaration(statement)
  )
    return statement.name?.text
  return undefined
}

class Reader {
  readonly #ts: typeof ts
  readonly #file: ts.SourceFile

  constructor(typescript: typeof ts, file: ts.SourceFile) {
    this.#ts = typescript
    this.#file = file
  }

  entry(name: string, group: string, statements: readonly ts.Statement[]): ReferenceEntry {
    const typescript = this.#ts
    // A constant and a type of one name are declared one after the other: the constant says what there is.
    const [first] = [...statements].sort(
      (a, b) => Number(typescript.isVariableStatement(b)) - Number(typescript.isVariableStatement(a)),
    )
    const about = { name, group, ...this.#documented(statements) }
    if (typescript.isFunctionDeclaration(first!))
      return {
        ...about,
        kind: 'function',
        signature: statements.map((statement) => this.#text(statement)).join('\n'),
        members: [],
      }
    if (typescript.isTypeAliasDeclaration(first!))
      return { ...about, kind: 'type', signature: this.#text(first!), members: [] }
    if (typescript.isVariableStatement(first!)) {
      const { type } = first.declarationList.declarations[0]!
      const literal = type && typescript.isTypeLiteralNode(type) ? type.members : []
      return {
        ...about,
        kind: 'constant',
        signature: `const ${name}`,
        members: this.#members([...literal], false),
      }
    }
    const shell = first as ts.ClassDeclaration | ts.InterfaceDeclaration
    const isClass = typescript.isClassDeclaration(shell)
    const abstract =
      isClass && shell.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.AbstractKeyword)
    const heritage = (shell.heritageClauses ?? []).map((clause) => clause.getText(this.#file)).join(' ')
    const types = shell.typeParameters?.map((type) => type.getText(this.#file)).join(', ')
    return {
      ...about,
      kind: isClass ? 'class' : 'interface',
      signature: `${abstract ? 'abstract ' : ''}${isClass ? 'class' : 'interface'} ${name}${types ? `<${types}>` : ''}${heritage ? ` ${heritage}` : ''}`,
      members: this.#members([...shell.members], heritage !== ''),
    }
  }

  /** What an author can use: not what is private, and not how the engine makes it. */
  #members(elements: readonly (ts.ClassElement | ts.TypeElement)[], inherits: boolean): ReferenceMember[] {
    const typescript = this.#ts
    const byName = new Map<string, (ts.ClassElement | ts.TypeElement)[]>()
    for (const element of elements) {
      const modifiers = typescript.canHaveModifiers(element) ? (element.modifiers ?? []) : []
      if (
        modifiers.some(
          ({ kind }) =>
            kind === typescript.SyntaxKind.PrivateKeyword || kind === typescript.SyntaxKind.ProtectedKeyword,
        )
      )
        continue
      if (typescript.isConstructorDeclaration(element)) continue
      const name = element.name
      const text = name
        ? typescript.isIdentifier(name)
          ? name.text
          : undefined
        : typescript.isCallSignatureDeclaration(element)
          ? '()'
          : undefined
      if (text === undefined || text === 'toJSON' || text === 'toString') continue
      byName.set(text, [...(byName.get(text) ?? []), element])
    }
    const members = [...byName].map(([name, nodes]): ReferenceMember => ({
      name,
      kind: nodes.some(
        (node) =>
          typescript.isMethodDeclaration(node) ||
          typescript.isMethodSignature(node) ||
          typescript.isCallSignatureDeclaration(node),
      )
        ? 'method'
        : 'property',
      signature: nodes
        .map((node) => this.#text(node))
        .filter((text, i, all) => all.indexOf(text) === i)
        .join('\n'),
      ...this.#documented(nodes),
    }))
    // A method that says nothing is that of the class it extends, where it is described.
    return inherits ? members.filter(({ kind, text }) => kind === 'property' || text) : members
  }

  /** The text of a declaration as an author would write it. */
  #text(node: ts.Node): string {
    return node
      .getText(this.#file)
      .replace(/^(export |declare )+/, '')
      .replace(/;$/, '')
      .replace(/\n {4}/g, '\n  ')
  }

  #documented(nodes: readonly ts.Node[]): Documented {
    const typescript = this.#ts
    const documents = nodes.flatMap((node) =>
      typescript.getJSDocCommentsAndTags(node).filter((part): part is ts.JSDoc => typescript.isJSDoc(part)),
    )
    const tags = documents.flatMap(({ tags }) => [...(tags ?? [])])
    const of = (name: string) =>
      tags.filter(({ tagName }) => tagName.text === name).map(({ comment }) => this.#comment(comment))
    return {
      text: documents
        .map(({ comment }) => this.#comment(comment))
        .join('\n\n')
        .trim(),
      parameters: tags
        .filter((tag) => typescript.isJSDocParameterTag(tag))
        .map((tag) => ({ name: tag.name.getText(this.#file), text: this.#comment(tag.comment) })),
      returns: of('returns').join(' '),
      throws: of('throws'),
      examples: of('example'),
      // A first word after it is read as a name and would be lost.
      see: tags
        .filter(({ tagName }) => tagName.text === 'see')
        .map((tag) =>
          tag
            .getText(this.#file)
            .replace(/^@see/, '')
            .replace(/\s*\n\s*\*?\s*/g, ' ')
            .trim(),
        ),
    }
  }

  #comment(comment: ts.JSDocComment['text'] | ts.NodeArray<ts.JSDocComment> | undefined): string {
    return this.#ts.getTextOfJSDocComment(comment)?.trim() ?? ''
  }
}
