/** Files taken out of folders that are dropped; what lies beyond is left. */
const most = 1000

/**
 * The files that were dropped, those in folders too. `DataTransfer` is empty after the event, so this reads what it
 * needs of it before it waits for anything.
 */
export async function filesOf(transfer: Pick<DataTransfer, 'items' | 'files'>): Promise<File[]> {
  const plain = [...transfer.files]
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  if (!entries.some((entry) => entry?.isDirectory)) return plain
  const found: File[] = []
  for (const entry of entries) if (entry) await collect(entry, found)
  return found
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length >= most || entry.name.startsWith('.')) return
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined)),
    )
    if (file) found.push(file)
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A folder is told in parts, the last of which is empty.
    const part = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    )
    if (part.length === 0) return
    for (const one of part.sort((a, b) => a.name.localeCompare(b.name, 'en'))) await collect(one, found)
  }
}
