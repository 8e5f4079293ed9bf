// What of others is in the built pages, said beside them: their licences want it.
import { readdirSync, readFileSync } from 'node:fs'
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

/** The text that a package comes with, or else all that it says of that. */
function textOf(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  if (file) return readFileSync(join(folder, file), 'utf8').trim()
  const { license, author, repository, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!license) throw new Error(`no licence in ${folder}`)
  const said = [author?.name ?? author, repository?.url ?? repository ?? homepage].filter(Boolean)
  return [`${license}, as its package.json says.`, ...said].join('\n')
}

/** Which packages' files a build is made of, by the paths of its modules and of the files that they name. */
const packagesOf = (ids) => {
  const names = ids.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]).filter(Boolean)
  return [...new Set(names)].sort()
}

/** Emits `licences.txt`: what of others is in a page, and under which terms; of packages too of which only files are. */
export function licences({ also = [] } = {}) {
  return {
    name: 'natterjack-licences',
    apply: 'build',
    generateBundle() {
      const used = packagesOf([...this.getModuleIds(), ...also.map((name) => `/node_modules/${name}/`)])
      const parts = used.map((name) => `${name}\n\n${textOf(folderOf(name))}`)
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: parts.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n' })
    },
  }
}
