/** After these a slash begins a regular expression; after anything else that ends a value it divides. */
const beforePattern =
  /(?:[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|else|do))\s*$/

/**
 * The code without its comments and without the lines that only they filled. Texts, templates and regular expressions are
 * left as they are; a regular expression right behind a closing bracket of a condition is taken for a division.
 */
export function stripComments(code: string): string {
  let out = ''
  let at = 0
  /** Depth of braces inside each template literal that is open. */
  const templates: number[] = []
  const copyTo = (end: number) => {
    out += code.slice(at, end)
    at = end
  }
  const skipQuoted = (quote: string) => {
    let end = at + 1
    while (end < code.length && code[end] !== quote && code[end] !== '\n') end += code[end] === '\\' ? 2 : 1
    copyTo(end + 1)
  }
  /** Copies a template's text up to its end or to its next `${`. */
  const skipTemplate = (start: number) => {
    let end = start
    while (end < code.length && code[end] !== '`' && !code.startsWith('${', end))
      end += code[end] === '\\' ? 2 : 1
    if (code.startsWith('${', end)) {
      templates.push(0)
      copyTo(end + 2)
    } else copyTo(end + 1)
  }
  while (at < code.length) {
    const letter = code[at]!
    if (letter === '"' || letter === "'") skipQuoted(letter)
    else if (letter === '`') skipTemplate(at + 1)
    else if (letter === '{' && templates.length > 0) {
      templates[templates.length - 1]!++
      copyTo(at + 1)
    } else if (letter === '}' && templates.length > 0) {
      if (templates.at(-1) === 0) {
        templates.pop()
        skipTemplate(at + 1)
      } else {
        templates[templates.length - 1]!--
        copyTo(at + 1)
      }
    } else if (code.startsWith('//', at)) at = endOfLine(code, at)
    else if (code.startsWith('/*', at)) {
      const end = code.indexOf('*/', at + 2)
      const comment = code.slice(at, end < 0 ? code.length : end + 2)
      at += comment.length
      // A comment over several lines ends a statement where a line break would.
      out += comment.includes('\n') ? '\n' : ' '
    } else if (letter === '/' && (beforePattern.test(out.slice(-40)) || out.trim() === ''))
      copyTo(endOfPattern(code, at))
    else copyTo(at + 1)
  }
  return tidied(out, code)
}

const endOfLine = (code: string, from: number) => {
  const end = code.indexOf('\n', from)
  return end < 0 ? code.length : end
}

function endOfPattern(code: string, from: number): number {
  let inClass = false
  for (let end = from + 1; end < code.length && code[end] !== '\n'; end++) {
    if (code[end] === '\\') end++
    else if (code[end] === '[') inClass = true
    else if (code[end] === ']') inClass = false
    else if (code[end] === '/' && !inClass) return end + 1
  }
  return from + 1
}

/** Without spaces at the ends of lines and without empty lines, unless a template might hold them. */
function tidied(text: string, original: string): string {
  if (original.includes('`')) return text
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  return `${lines.join('\n')}\n`
}
