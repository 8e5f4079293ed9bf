// The documents of all SDKs and examples fit the schema, and the configurations of those that cannot be run here name
// what is there.

import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { buildSchema, parse, validate } from 'graphql'

const sdk = (path) => new URL(`../../${path}`, import.meta.url)

const DOCUMENTS = [
  'documents/talk.graphql',
  'rust/talk.graphql',
  'typescript/src/chat.graphql',
  'typescript/test/support/talk.graphql',
]

const schemaWith = async (change) => buildSchema(change(await readFile(sdk('../schema.graphql'), 'utf8')))

const faults = async (schema, path) =>
  validate(schema, parse(await readFile(sdk(path), 'utf8'))).map(({ message }) => message)

for (const path of DOCUMENTS) {
  test(`sdk/${path} fits the schema`, async () => {
    assert.deepEqual(await faults(await schemaWith((text) => text), path), [])
  })
}

test('a document that does not fit is found', async () => {
  const schema = await schemaWith((text) => text.replaceAll('\tdisplayName: String!', '\tshownName: String!'))
  const [fault] = await faults(schema, 'documents/talk.graphql')
  assert.match(fault, /Cannot query field "displayName" on type "User"/)
})

/** Each of these paths, as a configuration in `folder` has it, is there. A pattern is so if its folder is. */
const areThere = async (folder, paths) => {
  assert(paths.length > 0)
  for (const path of paths) await stat(new URL(path.replace(/\*.*$/, ''), sdk(`${folder}/`)))
}

test('the configuration for Swift names what is there', async () => {
  const { input } = JSON.parse(await readFile(sdk('swift/apollo-codegen-config.json'), 'utf8'))
  await areThere('swift', [...input.schemaSearchPaths, ...input.operationSearchPaths])
})

test('the configuration for Kotlin names what is there', async () => {
  const text = await readFile(sdk('kotlin/build.gradle.kts'), 'utf8')
  await areThere(
    'kotlin',
    Array.from(text.matchAll(/file\("(.*?)"\)/g), ([, path]) => path),
  )
})
