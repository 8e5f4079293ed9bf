// What a client asks over HTTP, and changes to it.

/** A `fetch` that counts operations by name, and the answers that were refused for their token. */
export const counting = () => {
  const counts = { refused: 0 }
  const counted = async (input, init) => {
    const [, name] = /(?:query|mutation) (\w+)/.exec(JSON.parse(init.body).query)
    counts[name] = (counts[name] ?? 0) + 1
    const response = await fetch(input, init)
    if ((await response.clone().text()).includes('UNAUTHENTICATED')) counts.refused += 1
    return response
  }
  return { counts, fetch: counted }
}

/** One place for tokens that several clients share, as the tabs of a browser do. */
export const sharedStorage = () => {
  const kept = { tokens: null, saved: 0 }
  const storage = {
    load: async () => kept.tokens,
    save: async (tokens) => {
      kept.tokens = tokens
      kept.saved += 1
    },
  }
  return { kept, storage }
}
