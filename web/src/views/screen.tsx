import type { ComponentChildren } from 'preact'
import { Icon } from '../ui/icons'

/** A screen with its heading, in the middle of the frame. */
export const Screen = ({ title, back, actions, children }: { title: string; back?: string; actions?: ComponentChildren; children: ComponentChildren }) => (
  <div class="screen">
    <header class="bar">
      {back && (
        <a class="icon-button" href={back} aria-label="Back">
          <Icon name="back" />
        </a>
      )}
      <h1 class="bar-title">{title}</h1>
      {actions}
    </header>
    <div class="screen-body">
      <div class="column">{children}</div>
    </div>
  </div>
)
