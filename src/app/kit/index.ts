/* The parts that the first screen needs. All others are imported by their files, so that they come later. */
export { default as EmptyState } from './EmptyState.svelte'
export { default as Menu, type MenuGroup, type MenuItem } from './Menu.svelte'
export { default as Segmented } from './Segmented.svelte'
export { default as Splitter } from './Splitter.svelte'
export { default as Tabs } from './Tabs.svelte'
