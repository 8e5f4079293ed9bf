import { defineConfig } from 'vite'
import { fileURLToPath } from 'node:url'
import { licences } from '../scripts/licences.mjs'
import { serviceWorker } from './scripts/service-worker.mjs'

// While developing, the server that answers /graphql; `npm run dev` and `npm run preview` pass it on.
const server = process.env.NATTERJACK_URL ?? 'http://127.0.0.1:8000'
const proxy = { '/graphql': { target: server, ws: true } }

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Also below a path of a proxy's.
  base: './',
  plugins: [licences({ also: ['@fontsource-variable/bricolage-grotesque'] }), serviceWorker()],
  build: {
    outDir: '../assets/web',
    emptyOutDir: true,
    assetsDir: 'static',
    // The policy of the server allows no data: addresses for fonts, and a file of its own is kept by its hash.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy },
  preview: { proxy },
})
