// A pebble with initials, in a hue of the id's own. Pictures that lie elsewhere on the web are not fetched: whoever set one would learn
// who looks at it and when.
import { person } from '../state/people'

const HUES = 12

/** FNV-1a: ids that begin alike, as those of one day do, fall far apart. */
function hueOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES
}

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean)
  const firstOf = (word: string | undefined) => (word ? String.fromCodePoint(word.codePointAt(0)!) : '')
  return (firstOf(words[0]) + (words.length > 1 ? firstOf(words.at(-1)) : '')).toUpperCase() || '·'
}

interface Props {
  readonly id: string
  readonly name: string
  readonly size?: 'small' | 'medium' | 'large'
  readonly shape?: 'person' | 'group'
}

export const Avatar = ({ id, name, size = 'medium', shape = 'person' }: Props) => (
  <span class={`avatar avatar-${size} avatar-${shape} hue-${hueOf(id)}`} aria-hidden="true">
    {initials(name)}
    {shape === 'person' && person(id)?.isOnline && <span class="avatar-here" />}
  </span>
)
