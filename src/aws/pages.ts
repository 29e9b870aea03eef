import { AwsError } from './errors.ts'
import type { Operation } from './operations.ts'

/**
 * All items of a list that comes in pages, each naming the next by a token; an empty token ends it. A page may be empty in the middle.
 * @throws AwsError where a token comes twice: such a list has no end.
 */
export async function pagesByToken<Item>(
  operation: Operation,
  read: (token: string | undefined) => Promise<{ page: readonly Item[]; next: string | undefined }>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  const tokens = new Set<string>()
  for (let token: string | undefined; ; ) {
    const { page, next } = await read(token)
    items.push(...page)
    if (next === undefined || next === '') return items
    if (tokens.has(next)) throw repeated(operation, next)
    tokens.add(next)
    token = next
  }
}

/** What a list without an end is: a fault of the endpoint, or of something between. */
export function repeated(operation: Operation, place: string): AwsError {
  return new AwsError({ kind: 'transient', code: 'RepeatedPage', detail: `the pages repeat at ${place}`, operation })
}

/**
 * What an answer must hold, be it an empty list. AWS never leaves it out; something that answers 200 in its place might, and what is not
 * said must not be read as "there is none".
 * @throws AwsError where it is missing.
 */
export function required<Value>(operation: Operation, value: Value | undefined): Value {
  if (value !== undefined) return value
  throw new AwsError({ kind: 'transient', code: 'MalformedAnswer', detail: 'the answer lacks its content', operation })
}
