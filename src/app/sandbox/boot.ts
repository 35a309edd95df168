/*
 * The script of the sandbox frame: relays between the page and one worker. Its bytes are pinned by hash in both content
 * security policies. A strategy never runs here but only in the worker, since a document could leave by navigating; and
 * nothing that a worker says is evaluated or stored here.
 */
import { putTogether } from './apart.ts'
import type { Answer, Order } from './sandbox.ts'

/**
 * Messages, and bytes of their columns, that may be unread when the next one comes. Our engine waits for the page after
 * eight messages, and only its last is large: whatever goes beyond is a flood.
 */
const CREDIT = 32
const BYTES = 64e6

let port: MessagePort
let engine = ''
/** URL of the worker's script: engine and program. */
let script = ''
let data: unknown
/** Columns of the data that are on their way. */
let columns: unknown[] = []
let run = 0
let worker: Worker | undefined
/** A worker that has started and waits, so that the next run need not. */
let spare: Worker | undefined
/** Sizes of the messages that the page has not read yet, oldest first. */
let unread: number[] = []
let bytes = 0

function spawn(): Worker {
  const mine = new Worker(script)
  mine.onmessage = (event) => {
    if (mine === worker) {
      relay(event.data)
      // Only a program that has proved to start gets a spare.
      if (mine === worker) spare ??= spawn()
    } else mine.terminate()
  }
  mine.onerror = (event) => {
    event.preventDefault()
    if (mine === worker) finish('error', String(event.message))
  }
  mine.onmessageerror = () => {
    if (mine === worker) finish('flood', 'a message that cannot be read')
  }
  if (data) mine.postMessage({ type: 'data', data })
  return mine
}

function end(): void {
  worker?.terminate()
  worker = undefined
}

function drop(): void {
  spare?.terminate()
  spare = undefined
}

/** Ends the run, spare worker included, and says why. */
function finish(ended: 'stopped' | 'flood' | 'error', detail: string): void {
  end()
  drop()
  port.postMessage({ run, ended, detail } satisfies Answer)
}

function relay(packet: { head: unknown; columns: ArrayBufferView<ArrayBuffer>[] }): void {
  try {
    const { head, columns } = packet
    if (typeof head !== 'string' || head.length > 1e6 || columns.length > 512) throw new Error('size')
    const buffers = columns.map(({ buffer }) => buffer)
    if (unread.length >= CREDIT || bytes > BYTES)
      return finish('flood', 'more messages than anybody could read')
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0)
    unread.push(size)
    bytes += size
    port.postMessage({ run, packet: { head, columns } } satisfies Answer, buffers)
  } catch {
    finish('flood', 'a message that no run sends')
  }
}

function obey(order: Order): void {
  if (order.type === 'engine') engine = order.engine
  else if (order.type === 'program') {
    drop()
    URL.revokeObjectURL(script)
    script = URL.createObjectURL(new Blob([engine, order.script]))
  } else if (order.type === 'columns') columns.push(...order.columns)
  else if (order.type === 'data') {
    drop()
    data = putTogether(order.data, columns)
    columns = []
  } else if (order.type === 'prepare') spare ??= spawn()
  else if (order.type === 'run') {
    end()
    run = order.run
    worker = spare ?? spawn()
    spare = undefined
    unread = []
    bytes = 0
    worker.postMessage(order)
  } else if (order.type === 'done') {
    if (order.run === run) end()
  } else if (order.type === 'stop') finish('stopped', '')
  else if (order.run === run) {
    if (order.type === 'read') bytes -= unread.shift() ?? 0
    worker?.postMessage(order)
  }
}

addEventListener('message', (event) => {
  // Opened by itself, or spoken to by anyone but the page that holds it, it does nothing.
  if (port || event.source !== parent || self.origin !== 'null' || !event.ports[0]) return
  port = event.ports[0]
  port.onmessage = ({ data: order }) => obey(order)
  port.postMessage({ run: 0, ended: 'ready', detail: '' } satisfies Answer)
})
