import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Carries bytes to a server, until it falls silent without a word, as a failed node of a load balancer does; new connections work. */
export interface SilentProxy {
  readonly url: string
  /** How many connections were ever made. */
  readonly connections: number
  /** From now on nothing passes, either way, on the connections that there are; they stay open. */
  silence(): void
  close(): Promise<void>
}

export async function startSilentProxy(server: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(server)
  const clients: Socket[] = []
  const silent = new Set<Socket>()
  const proxy = createServer((client) => {
    clients.push(client)
    const upstream = connect(Number(port), hostname)
    client.on('data', (bytes) => silent.has(client) || upstream.write(bytes))
    upstream.on('data', (bytes) => silent.has(client) || client.write(bytes))
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => silent.has(client) || client.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    get connections() {
      return clients.length
    },
    silence: () => {
      for (const client of clients) silent.add(client)
    },
    close: async () => {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
