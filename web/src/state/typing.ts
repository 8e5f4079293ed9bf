// Tells the others that the viewer types: again every 3 s, since it lapses after 6 s and is told once in 2 s (docs/people.md).
import { client } from '../client'
import { SetTypingDocument } from '../generated/operations'

const AGAIN = 3000
const told = new Map<string, number>()

const tell = (id: string, isTyping: boolean): void => void client.request(SetTypingDocument, { id, isTyping }).catch(() => {})

export function typed(id: string): void {
  if (Date.now() - (told.get(id) ?? 0) < AGAIN) return
  told.set(id, Date.now())
  tell(id, true)
}

/** Nothing stands there any more. A message that was sent ends it by itself. */
export function ceased(id: string, why: 'sent' | 'emptied'): void {
  if (told.delete(id) && why === 'emptied') tell(id, false)
}
