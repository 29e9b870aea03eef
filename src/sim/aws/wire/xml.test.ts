import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { child, childText, document, leaf, node, parseXml } from './xml.ts'

test('elements, texts and self-closed elements are read; declaration, comments and attributes are not', () => {
  const root = parseXml('<?xml version="1.0"?><!-- x --><A xmlns="y"><B>one</B><C/><B>two</B></A>')
  expect(root.name).toBe('A')
  expect(root.children.map(({ name, text }) => [name, text])).toEqual([
    ['B', 'one'],
    ['C', ''],
    ['B', 'two'],
  ])
  expect(childText(root, 'B')).toBe('one')
  expect(child(root, 'D')).toBeUndefined()
})

test('entities stand for their characters', () => {
  expect(parseXml('<A>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&unknown;</A>').text).toBe('<&>"\'AB&unknown;')
})

test('an element without a text is left out', () => {
  expect(node('A', leaf('B', undefined), leaf('C', 0), leaf('D', false))).toBe('<A><C>0</C><D>false</D></A>')
})

test('any text that is written is read back', () => {
  assert(
    property(string({ unit: 'grapheme' }), (text) => {
      expect(childText(parseXml(document('A', 'urn:x', leaf('B', text))), 'B')).toBe(text)
    }),
  )
})

test.each(['', 'text', '<A>', '<A></B>', '<A></A></A>', '<A><B></A></B>', '<'])('%j is not a document', (source) => {
  expect(() => parseXml(source)).toThrow(SyntaxError)
})
