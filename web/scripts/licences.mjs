import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/** The folder of a package, of which not every one lets its package.json be resolved. */
function folderOf(name) {
  for (const root of require.resolve.paths(name)) {
    try {
      const folder = join(root, name)
      readFileSync(join(folder, 'package.json'))
      return folder
    } catch {
      // Then it is further up.
    }
  }
  throw new Error(`${name} is not installed`)
}

const textOf = (folder) => {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']) {
    try {
      return readFileSync(join(folder, name), 'utf8').trim()
    } catch {
      // Then it has another name.
    }
  }
  throw new Error(`no licence in ${folder}`)
}

/** Which packages' files a build is made of, by the paths of its modules and of the files that they name. */
const packagesOf = (ids) => {
  const names = ids.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]).filter(Boolean)
  return [...new Set(names)].sort()
}

/** Emits `licences.txt`: what of others is in the page, and under which terms. */
export function licences() {
  return {
    name: 'natterjack-licences',
    apply: 'build',
    generateBundle() {
      const used = packagesOf([...this.getModuleIds(), '/node_modules/@fontsource-variable/bricolage-grotesque/'])
      const parts = used.map((name) => `${name}\n\n${textOf(folderOf(name))}`)
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: parts.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n' })
    },
  }
}
