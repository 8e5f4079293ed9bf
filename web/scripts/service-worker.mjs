import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/service-worker.js', import.meta.url))

/**
 * Emits `sw.js`: src/service-worker.js with the names of the hashed files, and a version made of them, so that a browser sees another
 * worker exactly when there is another build.
 */
export function serviceWorker() {
  return {
    name: 'natterjack-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle)
        .filter((name) => name.startsWith('static/'))
        .sort()
      const worker = readFileSync(source, 'utf8')
      const page = String(bundle['index.html']?.source ?? '')
      const version = createHash('sha256').update(JSON.stringify([files, page, worker])).digest('hex').slice(0, 12)
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: worker.replace("'VERSION'", `'${version}'`).replace('[/* FILES */]', JSON.stringify(files)),
      })
    },
  }
}
