import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { BrowserDrafts } from './drafts.ts'
import { Library } from './library.svelte.ts'
import { BrowserMachinery } from './machinery.ts'
import { Playground } from './playground.svelte.ts'
import { Preferences } from './preferences.svelte.ts'
import { samples } from './samples.ts'

const target = document.getElementById('app')!
if (import.meta.env.DEV && location.hash === '#kit')
  void import('./kit/Kit.svelte').then(({ default: Kit }) => mount(Kit, { target }))
else {
  const playground = new Playground(new Library(samples, new BrowserDrafts()), new BrowserMachinery())
  mount(App, { target, props: { playground, preferences: new Preferences() } })
}
