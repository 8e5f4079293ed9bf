import { GraphiQL } from 'graphiql'
import { StrictMode, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { fetcher } from './fetcher'
import { storage } from './kept'
import { readyTabs } from './tabs'
import { TokenField } from './TokenField'
import 'graphiql/style.css'
import './style.css'

const tabs = readyTabs()

const Page = () => {
  const [isSchemaTold, setSchemaTold] = useState(true)
  const fetch = useMemo(() => fetcher(setSchemaTold), [])
  return (
    <>
      <header>
        <h1>natterjack</h1>
        <TokenField />
        {!isSchemaTold && (
          <p role="status" className="notice">
            The server does not tell its schema, so there is no documentation and nothing is completed as you type.
            Operations run all the same.
          </p>
        )}
      </header>
      <main>
        <GraphiQL
          fetcher={fetch}
          storage={storage!} // null keeps nothing: it is taken, though the type does not say so
          defaultTabs={tabs}
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  )
}

const place = document.getElementById('page')
if (place) {
  createRoot(place).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  )
}
