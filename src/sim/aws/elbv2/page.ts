import type { Call } from '../call.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import type { QueryInput } from '../wire/query.ts'

const LARGEST_PAGE = 400

/**
 * One page of a Describe call: at most `PageSize` (400) items, from after the item that `Marker` names.
 * @throws AwsError ValidationError when either is wrong.
 */
export function page<Item>(options: {
  items: readonly Item[]
  input: QueryInput
  call: Call
  keyOf: (item: Item) => string
}): {
  items: readonly Item[]
  nextMarker: string | undefined
} {
  const { items, input, call, keyOf } = options
  const size = input.number('PageSize') ?? LARGEST_PAGE
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw refuse('ValidationError', messages.valueBetween(1, LARGEST_PAGE))
  }
  const marker = input.text('Marker')
  const after = marker === undefined ? -1 : items.findIndex((item) => encode(keyOf(item)) === marker)
  if (marker !== undefined && after < 0) throw refuse('ValidationError', messages.invalidNextToken)
  const end = after + 1 + Math.min(size, call.pageLimit)
  const last = items[end - 1]
  return {
    items: items.slice(after + 1, end),
    nextMarker: end < items.length && last !== undefined ? encode(keyOf(last)) : undefined,
  }
}

function encode(key: string): string {
  return Buffer.from(key).toString('base64')
}
