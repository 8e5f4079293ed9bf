// Makes what is generated in this package anew; with `--check` says whether it is what would be made.

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const SCHEMA = path('../../../schema.graphql')

const MADE = [
  {
    output: 'src/generated/operations.ts',
    documents: ['src/operations.graphql', 'src/chat.graphql'],
    client: '../document.js',
  },
  { output: 'example/chat.generated.ts', documents: ['example/chat.graphql'] },
]

for (const { output, documents, client } of MADE) {
  const text = await generate({ schema: SCHEMA, documents: documents.map((name) => path(`../${name}`)), client })
  const file = path(`../${output}`)
  if (!process.argv.includes('--check')) {
    await writeFile(file, text)
  } else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`sdk/typescript/${output} is not what its sources make: npm run generate --workspace sdk/typescript`)
    process.exitCode = 1
  }
}
