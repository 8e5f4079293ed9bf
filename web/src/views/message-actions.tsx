// What may be done with a message, beside it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Message } from '../state/timeline'
import { IconButton } from '../ui/controls'

export interface Actions {
  readonly react: (message: Message, emoji: string, isOn: boolean) => void
  readonly reply: (message: Message) => void
  readonly edit: (message: Message) => void
  readonly remove: (message: Message) => void
  readonly pin: (message: Message) => void
  readonly jump: (messageId: string) => void
  /** What the conversation lets the viewer do. */
  readonly may: { readonly write: boolean; readonly removeOthers: boolean; readonly pin: boolean }
}

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🎉']
// Enough to answer with; a keyboard's own picker has the rest.
const MORE = [
  ...['🙂', '😀', '😉', '😍', '🤩', '😎', '🤔', '😴', '😅', '🙃', '😭', '😡', '🤯', '🥳', '🙈', '🐸'],
  ...['👏', '🙏', '💪', '👌', '✌️', '🤝', '👋', '👀', '💛', '💚', '🔥', '✨', '⭐', '✅', '❌', '❓'],
  ...['☕', '🍰', '🍀', '🌧️', '☀️', '🌙', '🎈', '🎵', '🚀', '💡', '📌', '⏰', '💯', '🏆', '🎁', '🐛'],
]

interface PickerProps {
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

export function EmojiPicker({ onPick, onClose }: PickerProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    element.current?.querySelector('button')?.focus()
    const away = (event: PointerEvent) => {
      if (!element.current?.contains(event.target as Node)) onClose()
    }
    addEventListener('pointerdown', away)
    return () => removeEventListener('pointerdown', away)
  }, [])
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') return onClose()
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key]
    if (by === undefined) return
    const all = [...(element.current?.querySelectorAll('button') ?? [])]
    const at = all.indexOf(document.activeElement as HTMLButtonElement)
    event.preventDefault()
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus()
  }
  return (
    <div ref={element} class="picker" role="dialog" aria-label="Emoji" onKeyDown={keys}>
      {[...QUICK, ...MORE].map((emoji) => (
        <button type="button" key={emoji} onClick={() => onPick(emoji)}>
          {emoji}
        </button>
      ))}
    </div>
  )
}

export function MessageActions({ message, isOwn, actions }: { message: Message; isOwn: boolean; actions: Actions }) {
  const [isPicking, setPicking] = useState(false)
  const { may } = actions
  const toggle = (emoji: string) => {
    setPicking(false)
    actions.react(message, emoji, !message.reactions.some((each) => each.emoji === emoji && each.isByViewer))
  }
  return (
    <div class="message-actions" role="toolbar" aria-label="This message">
      {may.write && (
        <>
          {QUICK.slice(0, 3).map((emoji) => (
            <button type="button" class="icon-button quick" key={emoji} aria-label={`React with ${emoji}`} onClick={() => toggle(emoji)}>
              {emoji}
            </button>
          ))}
          <IconButton icon="smile" label="React" aria-expanded={isPicking} onClick={() => setPicking(!isPicking)} />
          <IconButton icon="reply" label="Reply" onClick={() => actions.reply(message)} />
        </>
      )}
      {isOwn && may.write && message.text !== null && <IconButton icon="edit" label="Edit" onClick={() => actions.edit(message)} />}
      {may.pin && <IconButton icon="pin" label={message.isPinned ? 'Unpin' : 'Pin'} onClick={() => actions.pin(message)} />}
      {(isOwn || may.removeOthers) && <IconButton icon="bin" label="Delete" onClick={() => actions.remove(message)} />}
      {isPicking && <EmojiPicker onPick={toggle} onClose={() => setPicking(false)} />}
    </div>
  )
}
