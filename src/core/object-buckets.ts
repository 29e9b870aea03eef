import type { Claim } from './claim.ts'
import { nameOf } from './ingress.ts'
import { TAG } from './settings.ts'
import type { Situation } from './situation.ts'
import type { EpochMs } from './time.ts'
import { HOUR } from './time.ts'
import type { Wish, WishKey } from './wish.ts'

/** An object may have this many certificates beside one for each that it needs … */
export const SPARE_OF_OBJECT = 2

/** … and then one more in this time: a host that flaps costs at most ten requests on the first day and four a day after. */
const REFILL_OF_OBJECT = 6 * HOUR

/** When each object may ask for another certificate: a bucket that one instant describes. */
export class ObjectBuckets {
  readonly #parts = new Map<string, number>()
  readonly #requestedAt: ReadonlyMap<string, readonly RequestOfObject[]>

  constructor(wishes: readonly Wish[], situation: Situation) {
    this.#requestedAt = requestsByObject(situation)
    for (const wish of wishes)
      if (!wish.interim)
        for (const { ingress } of wish.claims)
          this.#parts.set(nameOf(ingress.ref), (this.#parts.get(nameOf(ingress.ref)) ?? 0) + 1)
  }

  /** How often one and the same wish is tried has rules of its own. */
  nextOf({ ingress }: Claim, { key }: Wish): EpochMs {
    const name = nameOf(ingress.ref)
    const full = SPARE_OF_OBJECT + Math.max(1, this.#parts.get(name) ?? 1)
    let paidUntil = 0
    for (const request of this.#requestedAt.get(name) ?? [])
      if (request.key !== key) paidUntil = Math.max(request.at, paidUntil) + REFILL_OF_OBJECT
    return paidUntil - (full - 1) * REFILL_OF_OBJECT
  }
}

interface RequestOfObject {
  readonly key: WishKey
  readonly at: EpochMs
}

/** When certificates were last requested for each object, as the ledger and the tags tell, the earliest first. */
function requestsByObject({
  ledger,
  inventory,
  observation,
}: Situation): ReadonlyMap<string, readonly RequestOfObject[]> {
  const requests = new Map<string, RequestOfObject[]>()
  const note = (object: string, request: RequestOfObject) => {
    const known = requests.get(object)
    if (known) known.push(request)
    else requests.set(object, [request])
  }
  for (const { key, attempt, attemptAt: at, claims } of ledger.certificates?.values() ?? [])
    if (attempt > 0 && at !== undefined) for (const object of claims) note(object, { key, at })
  for (const { key, certificate } of inventory.own.values()) {
    const object = observation.tags.get(certificate.arn)?.value[TAG.claim]
    if (object !== undefined && (ledger.certificates?.get(key)?.attempt ?? 0) === 0)
      note(object, { key, at: certificate.createdAt })
  }
  for (const instants of requests.values()) instants.sort((a, b) => a.at - b.at)
  return requests
}
