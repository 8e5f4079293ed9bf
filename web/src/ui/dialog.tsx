// A question that waits for its answer. The browser's own dialog keeps the focus inside and closes on Escape.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Button } from './controls'

interface Props {
  readonly title: string
  readonly children?: ComponentChildren
  readonly onClose: () => void
}

export function Dialog({ title, children, onClose }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => (event.preventDefault(), onClose())}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div class="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}

interface ConfirmProps extends Props {
  readonly action: string
  readonly isBusy?: boolean
  readonly onConfirm: () => void
}

export const Confirm = ({ action, isBusy = false, onConfirm, children, ...rest }: ConfirmProps) => (
  <Dialog {...rest}>
    {children}
    <div class="dialog-actions">
      <Button onClick={rest.onClose}>Cancel</Button>
      <Button look="alert" isBusy={isBusy} onClick={onConfirm}>
        {action}
      </Button>
    </div>
  </Dialog>
)
