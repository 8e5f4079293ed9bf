// Which of a conversation's chunks are drawn: those that are seen, and some screens about them. What is left out above and below is as high
// as it was when it was drawn, or as it probably is.
import { useRef, useState } from 'preact/hooks'
import type { MessageChunk } from './message-chunk'

// How far from what is seen it is drawn, in pixels, and how near its edge may come before it is drawn anew: some frames of a quick scroll.
const AHEAD = 2000
const NEAREST = 700
// Of a message that was never drawn.
const LIKELY_HEIGHT = 54

interface Range {
  readonly low: number
  readonly high: number
}

export interface MessageWindow {
  readonly shown: readonly MessageChunk[]
  /** How high is what is left out, in pixels. */
  readonly above: number
  readonly below: number
  /** To be called once it is drawn: takes the heights. */
  measure(content: HTMLElement): void
  /** To be called when it was scrolled: draws what has come near. */
  look(scroller: HTMLElement, top: HTMLElement): void
  /** How far below the top spacer's edge that message's chunk begins. */
  offsetOf(id: string): number | null
}

export function useMessageWindow(chunks: readonly MessageChunk[]): MessageWindow {
  const heights = useRef(new Map<number, number>())
  const [range, setRange] = useState<Range>({ low: -Infinity, high: Infinity })
  const heightOf = ({ key, messages }: MessageChunk): number => heights.current.get(key) ?? messages.length * LIKELY_HEIGHT
  const sum = (some: readonly MessageChunk[]): number => some.reduce((total, chunk) => total + heightOf(chunk), 0)
  const from = chunks.findIndex(({ key }) => key >= range.low)
  const to = chunks.findLastIndex(({ key }) => key <= range.high)
  const isHere = from >= 0 && to >= from
  const shown = isHere ? chunks.slice(from, to + 1) : chunks.slice(-3)

  const look = (scroller: HTMLElement, top: HTMLElement): void => {
    let edge = top.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    const seenTo = scroller.clientHeight
    let low: number | null = null
    let high: number | null = null
    let isDrawn = true
    for (const chunk of chunks) {
      const bottom = edge + heightOf(chunk)
      if (bottom > -AHEAD && edge < seenTo + AHEAD) {
        low ??= chunk.key
        high = chunk.key
      }
      if (bottom > -NEAREST && edge < seenTo + NEAREST) isDrawn &&= chunk.key >= range.low && chunk.key <= range.high
      edge = bottom
    }
    if (low === null || high === null) return
    // Far more than is wanted, as after pages have come, is drawn no longer either.
    const isMuch = shown.length > 2 + chunks.filter(({ key }) => key >= low && key <= high).length
    if (isDrawn && !isMuch) return
    // What comes at the end is drawn at once.
    setRange({ low, high: high === chunks.at(-1)?.key ? Infinity : high })
  }
  const measure = (content: HTMLElement): void => {
    for (const element of content.querySelectorAll<HTMLElement>('[data-chunk]')) {
      heights.current.set(Number(element.dataset['chunk']), element.getBoundingClientRect().height)
    }
  }
  const offsetOf = (id: string): number | null => {
    const at = chunks.findIndex((chunk) => chunk.holds(id))
    return at < 0 ? null : sum(chunks.slice(0, at))
  }
  return {
    shown,
    above: isHere ? sum(chunks.slice(0, from)) : sum(chunks.slice(0, -3)),
    below: isHere ? sum(chunks.slice(to + 1)) : 0,
    measure,
    look,
    offsetOf,
  }
}
