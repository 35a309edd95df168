/** The dialogs of the page that can be asked for. */
export type Asked = 'gallery' | 'rename' | 'documents' | 'settings' | 'shortcuts' | 'palette'
