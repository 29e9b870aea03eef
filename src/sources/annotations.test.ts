import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commaList, parseBoolean, parseHttpsPorts } from './annotations.ts'

describe('listen-ports', () => {
  it.each([
    [undefined, [443]],
    ['', [443]],
    ['[{"HTTP":80},{"HTTPS":443}]', [443]],
    ['[{"HTTPS":8443},{"HTTPS":443},{"HTTPS":443}]', [443, 8443]],
    ['[{"HTTP":80,"HTTPS":443}]', [443]],
    ['[{"HTTP":80}]', []],
  ])('%s has the TLS ports %j', (text, ports) => {
    expect(parseHttpsPorts(text)).toEqual(ports)
  })

  it.each([
    '443',
    '{"HTTPS":443}',
    '[{"HTTPS":"443"}]',
    '[{"HTTPS":0}]',
    '[{"HTTPS":65536}]',
    '[{"TLS":443}]',
    '[1]',
    '[',
  ])('cannot be %s', (text) => {
    expect(parseHttpsPorts(text)).toBeUndefined()
  })

  it('are never misread, whatever stands there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const ports = parseHttpsPorts(text)
        expect(ports === undefined || ports.every((port) => port >= 1 && port <= 65_535)).toBe(true)
      }),
    )
  })
})

it('a list is split at commas, trimmed, and its empties dropped', () => {
  expect(commaList(' a, b,,c ,')).toEqual(['a', 'b', 'c'])
  expect(commaList(undefined)).toEqual([])
})

it('only "true" and "false" are booleans', () => {
  expect(['true', 'false', 'True', '1', 'yes', ''].map(parseBoolean)).toEqual([
    true,
    false,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
