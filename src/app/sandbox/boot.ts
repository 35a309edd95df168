/*
 * The script of the sandbox frame: relays between the page and one worker. Its bytes are pinned by hash in both content
 * security policies. A strategy never runs here but only in the worker, since a document could leave by navigating; and
 * nothing that a worker says is evaluated or stored here.
 */
import type { Answer, Order } from './sandbox.ts'

/** Messages that may be on their way to the page, unread. The rest waits here. */
const CREDIT = 16
/** Messages, and bytes of columns, that may wait. Our engine sends 60 a second: a page has 16 seconds to look up. */
const QUEUE = 1000
const BYTES = 1 << 30

let port: MessagePort
let engine = ''
/** URL of the worker's script: engine and program. */
let script = ''
let data: unknown
let run = 0
let worker: Worker | undefined
/** A worker that has started and waits, so that the next run need not. */
let spare: Worker | undefined
let unread = 0
let queue: { answer: Answer; buffers: ArrayBuffer[] }[] = []
let bytes = 0

function spawn(): Worker {
  const started = new Worker(script)
  if (data) started.postMessage({ type: 'data', data })
  return started
}

function end(): void {
  worker?.terminate()
  worker = undefined
  queue = []
  bytes = 0
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

function flush(): void {
  while (unread < CREDIT && queue.length > 0) {
    const { answer, buffers } = queue.shift()!
    for (const buffer of buffers) bytes -= buffer.byteLength
    unread++
    port.postMessage(answer, buffers)
  }
}

function relay(packet: { head: unknown; columns: ArrayBufferView<ArrayBuffer>[] }): void {
  try {
    const { head, columns } = packet
    if (typeof head !== 'string' || head.length > 1e6 || columns.length > 100) throw new Error('size')
    const buffers = columns.map(({ buffer }) => buffer)
    for (const buffer of buffers) bytes += buffer.byteLength
    queue.push({ answer: { run, packet: { head, columns } }, buffers })
    if (queue.length > QUEUE || bytes > BYTES)
      finish('flood', `${QUEUE} messages that nobody could read in time`)
    else flush()
  } catch {
    finish('flood', 'a message that no run sends')
  }
}

function start(settings: unknown): void {
  end()
  const mine = (worker = spare ?? spawn())
  spare = undefined
  mine.onmessage = (event) => {
    if (mine !== worker) return
    relay(event.data)
    // Only a program that has proved to start gets a spare.
    if (mine === worker) spare ??= spawn()
  }
  mine.onerror = (event) => {
    event.preventDefault()
    if (mine === worker) finish('error', String(event.message))
  }
  mine.onmessageerror = () => {
    if (mine === worker) finish('flood', 'a message that cannot be read')
  }
  mine.postMessage({ type: 'run', settings })
}

function obey(order: Order): void {
  if (order.type === 'engine') engine = order.engine
  else if (order.type === 'program') {
    drop()
    URL.revokeObjectURL(script)
    script = URL.createObjectURL(new Blob([engine, order.script]))
  } else if (order.type === 'data') {
    drop()
    data = order.data
  } else if (order.type === 'prepare') spare ??= spawn()
  else if (order.type === 'run') {
    run = order.run
    start(order.settings)
  } else if (order.type === 'done') {
    if (order.run === run) end()
  } else if (order.type === 'stop') finish('stopped', '')
  else {
    unread--
    flush()
  }
}

addEventListener('message', (event) => {
  // Opened by itself, or spoken to by anyone but the page that holds it, it does nothing.
  if (port || event.source !== parent || self.origin !== 'null' || !event.ports[0]) return
  port = event.ports[0]
  port.onmessage = ({ data: order }) => obey(order)
  port.postMessage({ run: 0, ended: 'ready', detail: '' } satisfies Answer)
})
