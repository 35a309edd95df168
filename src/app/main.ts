import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { TabHolder } from './documents/hold.ts'
import { randomId } from './documents/document.ts'
import { BrowserLeftWorks } from './documents/left.ts'
import { LateDocuments, PageDocuments } from './documents/store.ts'
import { Imports } from './import/imports.svelte.ts'
import { Library } from './library.svelte.ts'
import { BrowserMachinery, LateSandbox } from './browser-machinery.ts'
import { Playground } from './playground.svelte.ts'
import { Preferences } from './preferences.svelte.ts'
import { samples } from './samples.ts'
import { chartIsDrawn } from './panels.ts'
import { embedView, type EmbedView } from './share/address.ts'
import { embedParts } from './share/embed-parts.ts'
import { closeStorage } from './storage.ts'

const target = document.getElementById('app')!
target.replaceChildren()
const embed = embedView(location.search)
if (import.meta.env.DEV && location.hash === '#kit')
  void import('./kit/Kit.svelte').then(({ default: Kit }) => mount(Kit, { target }))
else if (embed) void embedded(embed)
else {
  const library = new Library(
    samples,
    new LateDocuments(() =>
      import('./documents/database.ts').then(
        ({ BrowserDatabase, BrowserDocuments }) => new BrowserDocuments(new BrowserDatabase()),
      ),
    ),
    (events, onKept) => new TabHolder(events, onKept),
    new BrowserLeftWorks(randomId()),
  )
  const machinery = new BrowserMachinery()
  const playground = new Playground(library, machinery)
  const imports = new Imports(machinery)
  mount(App, { target, props: { playground, imports, preferences: new Preferences() } })
}

/**
 * Shows the playground as a part of somebody else's page: it reads and keeps nothing in the browser, and has nothing that
 * could be pressed to anybody's harm, since no policy of ours can say who may frame it.
 */
async function embedded(view: EmbedView) {
  closeStorage()
  // A frame that may run scripts and nothing else has no origin, and therefore no workers of its own.
  const machinery =
    self.origin === 'null'
      ? new (await import('./share/page-machinery.ts')).PageMachinery(() => new LateSandbox())
      : new BrowserMachinery()
  const playground = new Playground(new Library(samples, new PageDocuments()), machinery)
  const preferences = new Preferences()
  const theme = new URLSearchParams(location.search).get('theme')
  if (theme === 'light' || theme === 'dark') preferences.theme = theme
  const { default: Embed } = await import('./share/Embed.svelte')
  mount(Embed, { target, props: { playground, preferences, view, parts: embedParts } })
  // Of the other views nothing waits for a chart.
  if (view !== 'chart' && view !== 'split') chartIsDrawn()
}
