// Keeps what is read in its place. Browsers differ in whether and when they do so by themselves, so `overflow-anchor` is off, and this does.
const AT_END = 48

export const isAtEnd = (scroller: HTMLElement): boolean => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END

/** The end, or the first row that is seen and how far below the edge it stands. */
export type Anchor = 'end' | { readonly row: Element; readonly top: number }

/** `growsAtEnd`: whether what comes there is new, and not merely the next page. */
export function captureAnchor(scroller: HTMLElement, growsAtEnd: boolean): Anchor | null {
  // As it stands, and not as the last scroll event has told: one may be on its way.
  if (growsAtEnd && isAtEnd(scroller)) return 'end'
  const edge = scroller.getBoundingClientRect().top
  for (const chunk of scroller.querySelectorAll('[data-chunk]')) {
    if (chunk.getBoundingClientRect().bottom <= edge) continue
    for (const row of chunk.querySelectorAll('[data-seq]')) {
      const { top, bottom } = row.getBoundingClientRect()
      if (bottom > edge) return { row, top: top - edge }
    }
  }
  return null
}

export function restoreAnchor(scroller: HTMLElement, anchor: Anchor): void {
  if (anchor === 'end') {
    scroller.scrollTop = scroller.scrollHeight
    return
  }
  if (!anchor.row.isConnected) return
  const moved = anchor.row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top
  if (Math.abs(moved) >= 1) scroller.scrollTop += moved
}
