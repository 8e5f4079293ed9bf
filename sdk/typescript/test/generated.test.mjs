import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

test('what is generated is what schema and documents make', async () => {
  const script = fileURLToPath(new URL('../codegen/client.mjs', import.meta.url))
  const { stderr } = await promisify(execFile)(process.execPath, [script, '--check'])
  assert.equal(stderr, '')
})
