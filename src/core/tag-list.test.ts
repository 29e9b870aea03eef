import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTagList } from './tag-list.ts'

describe('a list of tags', () => {
  it.each([
    ['team=shop,stage=prod', { team: 'shop', stage: 'prod' }],
    [' team = shop ,, ', { team: 'shop' }],
    ['empty=', { empty: '' }],
    ['url=https://x/?a', undefined],
    ['url=a=b', { url: 'a=b' }],
    ['größe=très grand', { größe: 'très grand' }],
    ['', {}],
  ])('%j is read', (text, tags) => {
    const read = parseTagList(text)
    expect('tags' in read ? read.tags : undefined).toEqual(tags)
  })

  it.each([
    ['team', '"team" is not of the form key=value'],
    ['=shop', '"=shop" is not of the form key=value'],
    ['a=1,a=2', 'the key "a" is there twice'],
    ['a=50%', 'the character "%"'],
    ['a*=1', 'the character "*"'],
    ['a=😀', 'the character "😀"'],
    [`a=${'x'.repeat(257)}`, 'longer than 256'],
    [`${'x'.repeat(129)}=1`, '1 to 128'],
    ['AWS:a=1', 'begins with "aws:"'],
    ['certwright.dev/key=1', "one of Certwright's own"],
    ['elbv2.k8s.aws/cluster=x', 'the AWS Load Balancer Controller would take the certificate for its own'],
    [Array.from({ length: 41 }, (_, index) => `k${index}=v`).join(), 'there are 41 tags'],
  ])('%s is refused', (text, says) => {
    const read = parseTagList(text)
    expect('problem' in read ? read.problem : 'read').toContain(says)
  })

  it('is read or refused with a sentence, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = parseTagList(text)
        expect('tags' in read || read.problem.length > 0).toBe(true)
      }),
    )
  })
})
