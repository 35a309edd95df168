/**
 * Ways out of a worker, as the text of an object of functions. Each returns what it got hold of, or throws. `host` is the
 * collector's, `wait` a promise that resolves after some time.
 */
export const probes = `({
  fetch: () => fetch('http://' + host + '/fetch'),
  'fetch no-cors': () => fetch('http://' + host + '/nocors', { mode: 'no-cors', keepalive: true }),
  'fetch app': () => fetch(app),
  XMLHttpRequest: () => new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.onload = done
    request.onerror = () => fail(new Error('error event'))
    request.open('GET', 'http://' + host + '/xhr')
    request.send()
  }),
  WebSocket: () => opened(new WebSocket('ws://' + host + '/socket')),
  EventSource: () => opened(new EventSource('http://' + host + '/events')),
  WebTransport: () => new WebTransport('https://' + host + '/transport').ready,
  sendBeacon: () => navigator.sendBeacon('http://' + host + '/beacon', 'x'),
  RTCPeerConnection: async () => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:' + host }] })
    peer.createDataChannel('x')
    await peer.setLocalDescription(await peer.createOffer())
    await wait()
  },
  importScripts: () => importScripts('http://' + host + '/script.js'),
  'importScripts blob': () => importScripts(URL.createObjectURL(new Blob(['globalThis.imported = 1']))),
  'importScripts data': () => importScripts('data:text/javascript,globalThis.imported=1'),
  Image: () => new Image().decode(),
  FontFace: () => new FontFace('probe', 'url(http://' + host + '/font.woff2)').load(),
  'CSS image': () => new OffscreenCanvas(1, 1).getContext('2d').fillStyle.repeat(0) || fail(),
  'nested worker': () => nested(new Worker(blob(
    "fetch('http://' + " + JSON.stringify(host) + " + '/nested').then(() => postMessage('reached'), (e) => postMessage(String(e)))"))),
  'nested module worker': () => nested(new Worker(blob(
    "import 'http://" + host + "/module.js'; postMessage('reached')"), { type: 'module' })),
  'worker from network': () => nested(new Worker('http://' + host + '/worker.js')),
  'worker from app': () => nested(new Worker(app + 'worker.js')),
  'worker from data': () => nested(new Worker('data:text/javascript,postMessage("reached")')),
  SharedWorker: () => new SharedWorker(blob('0')),
  ServiceWorker: () => navigator.serviceWorker.register(app + 'sw.js'),
  eval: () => (0, eval)('"reached"'),
  Function: () => new Function('return "reached"')(),
  'constructor chain': () => (() => {}).constructor('return "reached"')(),
  'constructor of a built-in': () => [].map.constructor('return "reached"')(),
  AsyncFunction: () => (async () => {}).constructor('return "reached"')(),
  GeneratorFunction: () => (function* () {}).constructor('yield "reached"')().next().value,
  'Reflect.construct': () => Reflect.construct(Function, ['return "reached"'])(),
  'text timer': async () => {
    setTimeout('globalThis.timed = 1', 0)
    await wait()
    return globalThis.timed === 1 ? 'reached' : fail()
  },
  'text interval': async () => {
    setInterval('globalThis.ticked = 1', 0)
    await wait()
    return globalThis.ticked === 1 ? 'reached' : fail()
  },
  WebAssembly: () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
  indexedDB: () => new Promise((done, fail) => {
    const request = indexedDB.open('probe')
    request.onsuccess = done
    request.onerror = () => fail(request.error)
  }),
  'indexedDB list': () => indexedDB.databases(),
  caches: () => caches.open('probe'),
  OPFS: () => navigator.storage.getDirectory(),
  'storage estimate': () => navigator.storage.estimate(),
  localStorage: () => localStorage.getItem('probe') + 'reached',
  sessionStorage: () => sessionStorage.getItem('probe') + 'reached',
  cookies: () => document.cookie + 'reached',
  cookieStore: () => cookieStore.getAll(),
  BroadcastChannel: async () => {
    const channel = new BroadcastChannel('probe')
    const heard = new Promise((done) => (channel.onmessage = done))
    channel.postMessage('from the strategy')
    await Promise.race([heard, wait().then(fail)])
  },
  locks: () => navigator.locks.request('probe', () => 'reached'),
  permissions: () => navigator.permissions.query({ name: 'notifications' }).then(({ state }) => state === 'granted' || fail()),
  Notification: () => Notification.permission === 'granted' || fail(),
  'parent window': () => parent.document.title + 'reached',
  SharedArrayBuffer: () => new SharedArrayBuffer(8).byteLength,
  GPU: () => navigator.gpu.requestAdapter().then((adapter) => adapter || fail()),
  USB: () => navigator.usb.getDevices(),
})`

/** What the probes use, as text: to stand before them in a worker that still has timers. */
export const tools = `
const wait = () => new Promise((done) => setTimeout(done, 300))
const fail = () => { throw new Error('nothing reached') }
const blob = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
const opened = (source) => new Promise((done, fail) => {
  source.onopen = done
  source.onerror = () => fail(new Error('error event'))
})
const nested = (worker) => new Promise((done, fail) => {
  worker.onmessage = ({ data }) => (data === 'reached' ? done(data) : fail(new Error(data)))
  worker.onerror = (event) => fail(new Error('error event ' + (event.message || '')))
  setTimeout(() => fail(new Error('silence')), 1500)
})
`
