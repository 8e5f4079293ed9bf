// Where one writes: a message, an answer, or other words for what was said. Enter sends, with Shift it begins a line; where there is no
// keyboard but one on the glass, Enter begins a line.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { client } from '../client'
import { EditMessageDocument } from '../generated/operations'
import { takeChange, type Conversation } from '../state/conversations'
import { send } from '../state/outbox'
import { nameOf } from '../state/people'
import type { Message } from '../state/timeline'
import { ceased, typed } from '../state/typing'
import { IconButton, Note, otherErrors, useAction } from '../ui/controls'
import { Icon } from '../ui/icons'
import { titleOf } from './list'
import { EmojiPicker } from './message-actions'

export type Writing =
  | { readonly as: 'new' }
  | { readonly as: 'reply'; readonly to: Message }
  | { readonly as: 'edit'; readonly of: Message }

interface Props {
  readonly conversation: Conversation
  readonly writing: Writing
  readonly onWriting: (writing: Writing) => void
  readonly onEditLast: () => void
}

// The server's limit, in characters.
const LONGEST = 20_000

/** What was begun in each conversation and not sent, for as long as the page is there. */
const drafts = new Map<string, string>()

const isGlass = matchMedia('(pointer: coarse)')

export function Composer({ conversation, writing, onWriting, onEditLast }: Props) {
  const { id } = conversation
  const area = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(drafts.get(id) ?? '')
  const [isPicking, setPicking] = useState(false)
  const { isBusy, errors, run, clear } = useAction()
  const length = [...text].length

  useEffect(() => {
    if (!isGlass.matches) area.current?.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    if (writing.as === 'new') return
    if (writing.as === 'edit') setText(writing.of.text ?? '')
    area.current?.focus()
  }, [writing])
  // As high as its words, up to a limit that the style sets.
  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight + 2}px`
  }, [text])

  const write = (next: string) => {
    setText(next)
    if (writing.as === 'edit') return
    drafts.set(id, next)
    if (next.trim()) typed(id)
    else ceased(id, 'emptied')
  }
  const done = () => {
    clear()
    setText(writing.as === 'edit' ? (drafts.get(id) ?? '') : '')
    if (writing.as !== 'edit') drafts.delete(id)
    onWriting({ as: 'new' })
    area.current?.focus()
  }
  const submit = async () => {
    const words = text.trim()
    if (!words || length > LONGEST) return
    if (writing.as !== 'edit') {
      send(id, words, writing.as === 'reply' ? writing.to : null)
      ceased(id, 'sent')
      return done()
    }
    const isDone = await run(async () => {
      const { editMessage } = await client.request(EditMessageDocument, { id: writing.of.id, text: words })
      if (editMessage?.message) takeChange(id, editMessage.message)
      return editMessage?.errors
    })
    if (isDone) done()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey && !isGlass.matches) {
      event.preventDefault()
      void submit()
    } else if (event.key === 'Escape' && writing.as !== 'new') {
      event.preventDefault()
      done()
    } else if (event.key === 'ArrowUp' && text === '' && writing.as === 'new') {
      event.preventDefault()
      onEditLast()
    }
  }
  const insert = (emoji: string) => {
    const element = area.current
    const at = element?.selectionStart ?? text.length
    write(text.slice(0, at) + emoji + text.slice(element?.selectionEnd ?? at))
    setPicking(false)
    requestAnimationFrame(() => {
      element?.focus()
      element?.setSelectionRange(at + emoji.length, at + emoji.length)
    })
  }
  const problem = length > LONGEST ? `That is ${length - LONGEST} characters too long.` : otherErrors(errors)
  const other = writing.as === 'reply' ? writing.to : writing.as === 'edit' ? writing.of : null
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {other && (
        <div class="composer-about">
          <Icon name={writing.as === 'edit' ? 'edit' : 'reply'} />
          <p>
            <strong>{writing.as === 'edit' ? 'Other words for' : `Answer to ${other.author ? nameOf(other.author) : 'somebody'}`}</strong>
            <span>{other.text ?? 'Attachment'}</span>
          </p>
          <IconButton icon="close" label={writing.as === 'edit' ? 'Leave it as it was' : 'Answer nobody'} onClick={done} />
        </div>
      )}
      {problem && <Note>{problem}</Note>}
      <div class="composer-line">
        <IconButton icon="smile" label="Emoji" aria-expanded={isPicking} onClick={() => setPicking(!isPicking)} />
        {isPicking && <EmojiPicker onPick={insert} onClose={() => setPicking(false)} />}
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={`Write to ${titleOf(conversation)}`}
          aria-label="Message"
          enterkeyhint={isGlass.matches ? 'enter' : 'send'}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={keys}
          onBlur={() => ceased(id, 'emptied')}
        />
        <button type="submit" class="send" aria-label={writing.as === 'edit' ? 'Save' : 'Send'} disabled={!text.trim() || isBusy || length > LONGEST}>
          <Icon name={writing.as === 'edit' ? 'check' : 'send'} />
        </button>
      </div>
    </form>
  )
}
