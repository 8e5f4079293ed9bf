import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { licences } from '../scripts/licences.mjs'

// GraphiQL's styles carry 360 KB of fonts in them, as text that hardly compresses. The page uses the system's.
const withoutFonts: Plugin = {
  name: 'without-fonts',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.css') ? { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null } : null,
}

// What is built is served from the binary: index.html at /graphiql, and the rest below it, under names that change with
// what is in them.
export default defineConfig({
  plugins: [withoutFonts, licences()],
  resolve: {
    alias: { 'react-style-singleton': fileURLToPath(new URL('src/noStyles.ts', import.meta.url)) },
  },
  build: {
    outDir: '../assets/graphiql',
    emptyOutDir: true,
    assetsDir: 'static',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      // GraphiQL splits off thirty small files, all of which it loads at once.
      output: { codeSplitting: false },
      onwarn: (warning, tell) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || tell(warning),
    },
  },
  experimental: {
    // Relative to the page, which has no slash at its end; within the built files, to each other.
    renderBuiltUrl: (name, { hostType }) => (hostType === 'html' ? `graphiql/${name}` : { relative: true }),
  },
})
