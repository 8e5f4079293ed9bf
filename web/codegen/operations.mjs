// Makes src/generated/operations.ts anew; with `--check` says whether it is what would be made.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generate } from '../../sdk/typescript/codegen/generate.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const DOCUMENTS = path('../src/documents')
const OUTPUT = path('../src/generated/operations.ts')

const names = (await readdir(DOCUMENTS)).filter((name) => name.endsWith('.graphql'))
const text = await generate({
  schema: path('../../schema.graphql'),
  documents: names.map((name) => `${DOCUMENTS}/${name}`),
})
if (!process.argv.includes('--check')) {
  await writeFile(OUTPUT, text)
} else if ((await readFile(OUTPUT, 'utf8')) !== text) {
  console.error('web/src/generated/operations.ts is not what its sources make: npm run generate')
  process.exitCode = 1
}
