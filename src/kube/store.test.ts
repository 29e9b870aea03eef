import { describe, expect, it } from 'vitest'
import { type Entry, ObjectStore, storeKey } from './store.ts'

function entry(name: string, resourceVersion = '1', uid = `uid-${name}`): Entry<string> {
  return { key: storeKey({ namespace: 'web', name }), uid, resourceVersion, value: `${name}@${resourceVersion}` }
}

function listOf(...entries: Entry<string>[]) {
  return new Map(entries.map((each) => [each.key, each]))
}

describe('a store', () => {
  it('says what each event changed', () => {
    const store = new ObjectStore<string>()
    expect(store.put(entry('a'))).toEqual([{ kind: 'added', value: 'a@1' }])
    expect(store.put(entry('a', '2'))).toEqual([{ kind: 'changed', value: 'a@2', previous: 'a@1' }])
    expect(store.put(entry('a', '2'))).toEqual([])
    expect(store.get({ namespace: 'web', name: 'a' })).toBe('a@2')
    expect(store.remove(entry('a'))).toEqual([{ kind: 'deleted', value: 'a@2' }])
    expect(store.size).toBe(0)
  })

  it('takes another UID under the same name for another object', () => {
    const store = new ObjectStore<string>()
    store.put(entry('a'))
    expect(store.put(entry('a', '5', 'reborn'))).toEqual([
      { kind: 'deleted', value: 'a@1' },
      { kind: 'added', value: 'a@5' },
    ])
    expect(store.remove(entry('a'))).toEqual([])
    expect([...store.values()]).toEqual(['a@5'])
  })

  it('makes up the deletions that a list implies, and says nothing of what stayed the same', () => {
    const store = new ObjectStore<string>()
    store.replace(listOf(entry('gone'), entry('same'), entry('newer'), entry('reborn')), 10)
    expect(
      store.replace(listOf(entry('same'), entry('newer', '2'), entry('reborn', '3', 'other'), entry('new')), 20),
    ).toEqual([
      { kind: 'deleted', value: 'gone@1' },
      { kind: 'changed', value: 'newer@2', previous: 'newer@1' },
      { kind: 'deleted', value: 'reborn@1' },
      { kind: 'added', value: 'reborn@3' },
      { kind: 'added', value: 'new@1' },
    ])
  })

  it('knows whether it has ever been whole, and when it was last current', () => {
    const store = new ObjectStore<string>()
    expect([store.synced, store.lastSyncedAt]).toEqual([false, undefined])
    store.replace(listOf(), 10)
    store.markCurrent(30)
    store.markCurrent(20)
    expect([store.synced, store.lastSyncedAt]).toEqual([true, 30])
  })
})
