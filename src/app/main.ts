import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { TabHolder } from './documents/hold.ts'
import { LateDocuments } from './documents/store.ts'
import { Imports } from './import/imports.svelte.ts'
import { Library } from './library.svelte.ts'
import { BrowserMachinery } from './machinery.ts'
import { Playground } from './playground.svelte.ts'
import { Preferences } from './preferences.svelte.ts'
import { samples } from './samples.ts'

const target = document.getElementById('app')!
if (import.meta.env.DEV && location.hash === '#kit')
  void import('./kit/Kit.svelte').then(({ default: Kit }) => mount(Kit, { target }))
else {
  const library = new Library(
    samples,
    new LateDocuments(() =>
      import('./documents/database.ts').then(
        ({ BrowserDatabase, BrowserDocuments }) => new BrowserDocuments(new BrowserDatabase()),
      ),
    ),
    (events, onKept) => new TabHolder(events, onKept),
  )
  const machinery = new BrowserMachinery()
  const playground = new Playground(library, machinery)
  const imports = new Imports(machinery)
  mount(App, { target, props: { playground, imports, preferences: new Preferences() } })
}
