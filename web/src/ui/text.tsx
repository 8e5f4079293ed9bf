// What people have written. It is never read as HTML: it is text, in which addresses are made links.
import type { ComponentChildren } from 'preact'

// http and https alone, and no white space, quotes or brackets in them.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/gi
// What ends a sentence does not belong to the address at its end.
const TRAILING = /[.,;:!?…)\]]+$/

function cut(address: string): string {
  const trailing = TRAILING.exec(address)?.[0]
  if (!trailing) return address
  // A bracket that was opened in the address belongs to it.
  const opens = (address.match(/\(/g) ?? []).length
  const body = address.slice(0, -trailing.length)
  return trailing.startsWith(')') && opens > (body.match(/\)/g) ?? []).length ? `${body})` : body
}

function safe(address: string): string | null {
  try {
    const { protocol, href } = new URL(address)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}

export const OutsideLink = ({ href, children }: { href: string; children: ComponentChildren }) => {
  const address = safe(href)
  return address ? (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  )
}

export function Text({ text }: { text: string }) {
  const parts: ComponentChildren[] = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = cut(match[0])
    if (!safe(address)) continue
    if (match.index > from) parts.push(text.slice(from, match.index))
    parts.push(<OutsideLink href={address}>{address}</OutsideLink>)
    from = match.index + address.length
  }
  if (from === 0) return <>{text}</>
  if (from < text.length) parts.push(text.slice(from))
  return <>{parts}</>
}

// Older browsers do not know the property, and show all alike.
function emojiAlone(): RegExp | null {
  try {
    return new RegExp('^(?:\\p{RGI_Emoji}){1,3}$', 'v')
  } catch {
    return null
  }
}

const ALONE = emojiAlone()

/** One to three emoji and nothing else: shown large. */
export const isEmojiAlone = (text: string): boolean => text.length < 40 && (ALONE?.test(text.trim()) ?? false)
