/**
 * Shows a dialog over all else, from within an effect. Gives the way to close it, which hands the focus back to what had
 * it: a dialog that has left the page by then would leave it nowhere.
 */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement
  dialog.showModal()
  return () => {
    dialog.close()
    const now = document.activeElement
    if (before instanceof HTMLElement && before.isConnected && (!now || now === document.body))
      before.focus({ preventScroll: true })
  }
}
