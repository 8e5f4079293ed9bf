// The example talks, and TypeScript's compiler finds in it what a change of the schema breaks.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { generate } from '../codegen/generate.mjs'
import { startServer } from './support/server.mjs'
import { soon } from './support/streams.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const TSC = path('../../../node_modules/typescript/bin/tsc')

const compile = (folder, ...options) =>
  promisify(execFile)(process.execPath, [TSC, '-p', folder, ...options]).then(
    () => '',
    ({ stdout }) => stdout,
  )

/** `text` with what has to be in it replaced. */
const replaced = (text, before, after) => {
  assert(text.includes(before), before)
  return text.replace(before, after)
}

/** What the compiler says of the example where schema and documents are changed by these. */
const verdict = async (context, changeSchema, changeDocuments = (text) => text) => {
  // In the package, where the example finds what it imports.
  const folder = await mkdtemp(path('../dist/changed-'))
  context.after(() => rm(folder, { recursive: true }))
  await cp(path('../example/chat.ts'), join(folder, 'chat.ts'))
  const config = { extends: '../../example/tsconfig.json', compilerOptions: { rootDir: '.' }, include: ['.'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(folder, 'schema.graphql'), changeSchema(await readFile(path('../../../schema.graphql'), 'utf8')))
  await writeFile(
    join(folder, 'chat.graphql'),
    changeDocuments(await readFile(path('../example/chat.graphql'), 'utf8')),
  )
  const made = await generate({ schema: join(folder, 'schema.graphql'), documents: [join(folder, 'chat.graphql')] })
  await writeFile(join(folder, 'chat.generated.ts'), made)
  return compile(folder, '--noEmit')
}

/** `User.displayName` under another name. */
const renameField = (schema) => {
  const [before, after] = schema.split('\ntype User implements Node {')
  return `${before}\ntype User implements Node {${replaced(after, '\tdisplayName: String!', '\tshownName: String!')}`
}

test('the example compiles as it is', async (context) => {
  assert.equal(await verdict(context, (schema) => schema), '')
})

test('a field that was renamed in the schema alone is found when the types are made', async (context) => {
  await assert.rejects(verdict(context, renameField), /displayName/)
})

test('a field that was renamed is found by the compiler, where it is used', async (context) => {
  const said = await verdict(context, renameField, (text) => replaced(text, 'displayName', 'shownName'))
  assert.match(said, /chat\.ts\(\d+,\d+\): error TS2339: Property 'displayName' does not exist/)
})

test('a document that leaves out what a stream of events needs does not compile', async (context) => {
  const said = await verdict(
    context,
    (schema) => schema,
    (text) => replaced(text, '... on MessageAdded {\n      revision', '... on MessageAdded {'),
  )
  assert.match(said, /chat\.ts\(\d+,\d+\): error TS2\d+/)
})

/** The example as a program; `heard(text)` resolves once it has said that. */
const start = (context, url, me, other) => {
  const running = spawn(process.execPath, [path('../dist/example/chat.js'), url, me, other])
  context.after(() => running.kill())
  let said = ''
  const waiting = new Set()
  const take = (line) => {
    said += `${line}\n`
    for (const look of waiting) look()
  }
  createInterface({ input: running.stdout }).on('line', take)
  createInterface({ input: running.stderr }).on('line', take)
  const heard = (text) =>
    soon(
      new Promise((resolve) => {
        const look = () => said.includes(text) && waiting.delete(look) | resolve()
        waiting.add(look)
        look()
      }),
      text,
    ).catch((error) => {
      throw new Error(`${error.message}, but: ${said}`)
    })
  return { say: (text) => running.stdin.write(`${text}\n`), heard }
}

test('two people talk by the example, also when the server was killed in between', async (context) => {
  assert.equal(await compile(path('../example')), '')
  const server = await startServer(context)
  const ada = start(context, server.url, 'ada', 'bob')
  const bob = start(context, server.url, 'bob', 'ada')
  await Promise.all([ada.heard('(you talk with bob)'), bob.heard('(you talk with ada)')])
  await Promise.all([ada.heard('(open)'), bob.heard('(open)')])
  ada.say('Can you hear me?')
  await Promise.all([bob.heard('ada: Can you hear me?'), ada.heard('ada: Can you hear me?')])
  await server.kill()
  bob.say('Yes, I can')
  await server.start()
  await Promise.all([ada.heard('bob: Yes, I can'), bob.heard('bob: Yes, I can')])
})
