// Keeps the page itself so that it opens without the server: index.html, the hashed files, the icons. Nothing else: no answer of
// /graphql, no token. VERSION and FILES are put in by the build.
const CACHE = 'natterjack-' + '3be8831d4d2c'
const FILES = ["static/bricolage-grotesque-latin-wght-normal-DLoelf7F.woff2","static/index-AZCgEye5.js","static/index-Dhi61IsO.css"]
const SHELL = ['', 'manifest.webmanifest', 'icon.svg', 'icon-192.png']

const pathOf = (name) => new URL(name, self.registration.scope).pathname

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...SHELL, ...FILES].map(pathOf)))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  // A hashed file never changes: what is kept is what the server would give.
  if (FILES.map(pathOf).includes(url.pathname)) {
    event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept ?? fetch(request)))
    return
  }
  // The page is asked for first, so that a new build shows at once; what is kept is for when nobody answers.
  if (SHELL.map(pathOf).includes(url.pathname)) {
    event.respondWith(
      fetch(request).catch(async (error) => {
        const kept = await caches.match(url.pathname, { ignoreVary: true, ignoreSearch: true })
        if (!kept) throw error
        return kept
      }),
    )
  }
})
