import type { KubeRequest } from '../transport.ts'

interface Stored {
  metadata: { name: string; resourceVersion: string }
  spec: {
    holderIdentity: string
    leaseTransitions: number
    renewTime: string
    acquireTime: string
    leaseDurationSeconds: number
  }
}

/** An API server that has one Lease, with optimistic concurrency. */
export class LeaseServer {
  stored: Stored | undefined
  #version = 0

  handle(request: Pick<KubeRequest, 'method' | 'body'>): { status: number; body: unknown } {
    const sent = request.body === undefined ? undefined : (JSON.parse(request.body) as Stored)
    if (request.method === 'POST' && sent) {
      if (this.stored) return refusal(409, 'AlreadyExists')
      return this.#store(sent)
    }
    if (!this.stored) return refusal(404, 'NotFound')
    if (request.method === 'GET' || !sent) return { status: 200, body: this.stored }
    if (sent.metadata.resourceVersion !== this.stored.metadata.resourceVersion) return refusal(409, 'Conflict')
    return this.#store(sent)
  }

  #store(sent: Stored) {
    this.stored = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(++this.#version) } }
    return { status: 200, body: this.stored }
  }
}

const refusal = (code: number, reason: string) => ({ status: code, body: { kind: 'Status', code, reason } })
