// Files that are made of others: compresses built ones, and compares what is committed with what was made anew.
//
//   node scripts/assets.mjs compress FOLDER
//   node scripts/assets.mjs compare COMMITTED MADE
//       compares the files whose names come in, each ended by a zero byte; ends with 1 where some differ, and names them
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib'

// What is smaller is sent as it is: a header says as much as is saved.
const LEAST_BYTES = 512
// A form that saves less than this part is not worth its place in the repository and the binary.
const LEAST_SAVING = 0.1

const FORMS = {
  '.br': {
    compress: (bytes) =>
      brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decompress: brotliDecompressSync,
  },
  '.gz': { compress: (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }), decompress: gunzipSync },
}

const namesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
        .sort()
    : []

const endingOf = (name) => Object.keys(FORMS).find((ending) => name.endsWith(ending))

const compress = (folder) => {
  for (const name of namesIn(folder)) {
    const path = join(folder, name)
    if (endingOf(name)) {
      rmSync(path)
      continue
    }
    const bytes = readFileSync(path)
    if (bytes.length < LEAST_BYTES) continue
    for (const [ending, form] of Object.entries(FORMS)) {
      const compressed = form.compress(bytes)
      if (compressed.length <= bytes.length * (1 - LEAST_SAVING)) writeFileSync(path + ending, compressed)
    }
  }
}

// Compressed bytes may differ by the version of what has made them: it counts what they stand for.
const isSame = (name, one, other) => {
  const form = FORMS[endingOf(name)]
  if (!form) return one.equals(other)
  try {
    return form.decompress(one).equals(form.decompress(other))
  } catch {
    return false
  }
}

const differenceOf = (name, committed, made) => {
  const [one, other] = [committed, made].map((tree) => join(tree, name))
  if (!existsSync(other)) return 'is made no more'
  if (!existsSync(one)) return 'is missing'
  return isSame(name, readFileSync(one), readFileSync(other)) ? null : 'is another'
}

const compare = (committed, made) => {
  const names = new Set(readFileSync(0, 'utf8').split('\0').filter(Boolean))
  if (names.size === 0) throw new Error('there is nothing to compare')
  for (const name of [...names].sort()) {
    const difference = differenceOf(name, committed, made)
    if (difference === null) continue
    console.error(`${name} ${difference}`)
    process.exitCode = 1
  }
}

const [what, ...folders] = process.argv.slice(2).map((argument) => argument.replace(/\/+$/, ''))
if (what === 'compress' && folders.length === 1) compress(...folders)
else if (what === 'compare' && folders.length === 2) compare(...folders)
else throw new Error('usage: assets.mjs compress FOLDER | compare COMMITTED MADE')
