// A group to be made.
import { useState } from 'preact/hooks'
import { client } from '../client'
import { CreateGroupDocument, type ProfileFragment } from '../generated/operations'
import { takeSummary } from '../state/conversations'
import { go, to } from '../state/route'
import { Area, Button, Field, IconButton, Note, onSubmit, otherErrors, useAction } from '../ui/controls'
import { VisibilityChoice } from './about'
import { Screen } from './screen'
import { PersonLine, usePeople } from './start'

export function NewGroup() {
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [isPublic, setPublic] = useState(false)
  const [chosen, setChosen] = useState<readonly ProfileFragment[]>([])
  const [text, setText] = useState('')
  const { people } = usePeople(text)
  const { isBusy, errors, run } = useAction()

  const make = () =>
    void run(async () => {
      const input = {
        name: name.trim(),
        description: description.trim() || null,
        visibility: isPublic ? ('PUBLIC' as const) : ('PRIVATE' as const),
        memberIds: chosen.map(({ id }) => id),
      }
      const { createGroup } = await client.request(CreateGroupDocument, { input })
      if (createGroup?.conversation) {
        takeSummary(createGroup.conversation)
        go(to.conversation(createGroup.conversation.id), 'replace')
      }
      return createGroup?.errors
    })
  const other = otherErrors(errors, 'name', 'description')
  const found = people?.filter(({ id }) => !chosen.some((each) => each.id === id))
  return (
    <Screen title="New group" back={to.new}>
      <form class="form" onSubmit={onSubmit(make)}>
        <Field label="Name" value={name} onValue={setName} error={errors['name']} autoFocus maxLength={200} />
        <Area label="What it is about" value={description} onValue={setDescription} error={errors['description']} rows={2} />
        <VisibilityChoice isPublic={isPublic} onChoice={setPublic} />
        <Field
          label="Who is in it"
          hint="You can add people later, too."
          placeholder="Their username or name"
          type="search"
          value={text}
          onValue={setText}
          autoComplete="off"
          autoCapitalize="none"
        />
        {found && text && (
          <ul class="lines" aria-label="People">
            {found.map((each) => (
              <li key={each.id}>
                <button
                  type="button"
                  class="line"
                  onClick={() => {
                    setChosen([...chosen, each])
                    setText('')
                  }}
                >
                  <PersonLine of={each} />
                </button>
              </li>
            ))}
            {found.length === 0 && <li class="find-none">Nobody else goes by that.</li>}
          </ul>
        )}
        {chosen.length > 0 && (
          <ul class="chosen" aria-label="Chosen">
            {chosen.map((each) => (
              <li key={each.id}>
                <span>{each.displayName}</span>
                <IconButton icon="close" label={`Without ${each.displayName}`} onClick={() => setChosen(chosen.filter(({ id }) => id !== each.id))} />
              </li>
            ))}
          </ul>
        )}
        {other && <Note>{other}</Note>}
        <div class="form-actions">
          <Button look="act" type="submit" isBusy={isBusy} disabled={!name.trim()}>
            Make the group
          </Button>
        </div>
      </form>
    </Screen>
  )
}
