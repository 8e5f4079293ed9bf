import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/talk.css'
import './styles/screens.css'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { session } from './client'
import { applyTheme } from './state/theme'
import { goLive } from './state/live'
import { leave } from './state/leave'
import { Entry } from './views/entry'
import { Shell } from './views/shell'

/** Everything of one person: it comes and goes with them. */
function Home() {
  useEffect(() => {
    const stop = goLive()
    return () => {
      stop()
      leave()
    }
  }, [])
  return <Shell />
}

const App = () => (session.value ? <Home key={session.value.viewerId} /> : <Entry />)

applyTheme()
render(<App />, document.getElementById('app')!)

// The page by which the app opens without the server. Browsers have none on addresses that are neither https nor this machine's.
if ('serviceWorker' in navigator && import.meta.env.PROD) void navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => {})
