import { mount } from 'svelte'
import './app.css'

const target = document.getElementById('app')!
if (import.meta.env.DEV && location.hash === '#kit')
  void import('./kit/Kit.svelte').then(({ default: Kit }) => mount(Kit, { target }))
else target.textContent = 'The playground opens here once its sandbox stands.'
