import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on the loopback interface by TCP and UDP and writes down everything that arrives. */
export interface Collector {
  /** `127.0.0.1:port`, the same port for both. */
  readonly host: string
  /** Connections and requests, as they came. */
  readonly hits: string[]
  close(): void
}

export async function collect(): Promise<Collector> {
  const hits: string[] = []
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`)
    response.setHeader('Access-Control-Allow-Origin', '*').end('export default 1')
  })
  server.on('connection', () => hits.push('TCP connection'))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const udp = createSocket('udp4', () => hits.push('UDP packet'))
  await new Promise<void>((done) => udp.bind(port, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${port}`,
    hits,
    close() {
      server.close()
      server.closeAllConnections()
      udp.close()
    },
  }
}
