// Says that there is no line to the server, once that has lasted for a moment: most breaks are over before one could read of them.
import { useEffect, useState } from 'preact/hooks'
import { connection } from '../client'
import { home } from '../state/live'

const PATIENCE = 700

export function ConnectionBanner() {
  const isAway = connection.value === 'waiting' || (connection.value === 'connecting' && home.value !== 'loading') || home.value === 'failed'
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    if (!isAway) return setShown(false)
    const timer = setTimeout(() => setShown(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [isAway])
  return (
    <div class="banner-place" role="status">
      {isShown && isAway && (
        <p class="banner">
          <span class="banner-pulse" aria-hidden="true" />
          Reconnecting … What you write is kept and sent.
        </p>
      )}
    </div>
  )
}
