// Clients that were made of the last release's schema go on working: see sdk/released/README.md.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { buildSchema, findBreakingChanges } from 'graphql'

const read = (path) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** What breaks clients of `released` in `current` and is not declared, and what is declared and does not. */
const verdict = (released, current, declared) => {
  const broken = findBreakingChanges(buildSchema(released), buildSchema(current)).map(({ description }) => description)
  return {
    undeclared: broken.filter((change) => !declared.includes(change)),
    untrue: declared.filter((change) => !broken.includes(change)),
  }
}

test('the schema breaks no client of the last release that is not declared', async () => {
  const declared = JSON.parse(await read('sdk/released/declared.json'))
  const found = verdict(await read('sdk/released/schema.graphql'), await read('schema.graphql'), declared)
  assert.deepEqual(found, { undeclared: [], untrue: [] })
})

test('each kind of breaking change is found, and may be declared', async () => {
  const released = await read('sdk/released/schema.graphql')
  const changes = [
    { from: '\tsetTyping(', to: '\tsetTypes(', description: 'Mutation.setTyping was removed.' },
    {
      from: '\ttext: String\n}\n\n"""\nA message was',
      to: '\twords: String\n}\n\n"""\nA message was',
      description: 'Message.text was removed.',
    },
    { from: '\tseq: Int!\n', to: '\tseq: Int\n', description: 'Message.seq changed type from Int! to Int.' },
    {
      from: '\tisTyping: Boolean!\n}\n\n"""\nThe entry',
      to: '\tisTyping: Int!\n}\n\n"""\nThe entry',
      description: 'SetTypingInput.isTyping changed type from Boolean! to Int!.',
    },
    { from: '\tPINNED\n', to: '\tFIXED\n', description: 'PINNED was removed from enum type MessageChange.' },
  ]
  for (const { from, to, description } of changes) {
    assert(released.includes(from), description)
    const changed = released.replace(from, to)
    assert.deepEqual(verdict(released, changed, []), { undeclared: [description], untrue: [] })
    assert.deepEqual(verdict(released, changed, [description]), { undeclared: [], untrue: [] })
    assert.deepEqual(verdict(released, released, [description]), { undeclared: [], untrue: [description] })
  }
})

test('what is added breaks nobody', async () => {
  const released = await read('sdk/released/schema.graphql')
  const changed = released
    .replace('\tPINNED\n', '\tPINNED\n\tTRANSLATED\n')
    .replace('\tseq: Int!\n', '\tseq: Int!\n\tmood: Mood\n')
  assert.notEqual(changed, released)
  assert.deepEqual(verdict(released, changed, []), { undeclared: [], untrue: [] })
})
