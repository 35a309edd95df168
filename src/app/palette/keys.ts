/** Whether this is one of Apple's keyboards, which have ⌘ where others have Ctrl. */
export const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** Whether an event is a command key with a letter: Ctrl, on Apple's keyboards ⌘. */
export const isCommand = (event: KeyboardEvent, key: string) =>
  (apple ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) &&
  !event.altKey &&
  !event.shiftKey &&
  event.key.toLowerCase() === key

/** Whether what is pressed is being written somewhere. */
export const isWriting = (event: KeyboardEvent) =>
  event.target instanceof HTMLElement &&
  (event.target.isContentEditable ||
    /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) ||
    event.target.closest('.monaco-editor') !== null)
