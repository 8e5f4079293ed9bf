// GraphiQL as somebody in front of it uses it.

/** The page, with what one does there. */
export class GraphiQL {
  constructor(page) {
    this.page = page
  }

  async open(url) {
    await this.page.goto(url)
    await this.page.getByRole('tab', { name: 'Register' }).waitFor()
  }

  get token() {
    return this.page.getByRole('textbox', { name: 'Access token' })
  }

  /** Whom the page says that one is. */
  owner(text) {
    return this.page.getByRole('status').filter({ hasText: text }).waitFor()
  }

  async tab(name) {
    await this.page.getByRole('tab', { name, exact: true }).click()
  }

  /** Opens a tab with this in its editor. */
  async write(query) {
    await this.page.getByRole('button', { name: 'New tab' }).click()
    await this.page
      .locator('.graphiql-query-editor .CodeMirror')
      .evaluate((editor, text) => editor.CodeMirror.setValue(text), query)
  }

  async run() {
    await this.page.getByRole('button', { name: /^Execute query/ }).click()
  }

  /** Ends the subscription that runs. */
  async stop() {
    await this.page.getByRole('button', { name: /^Stop query/ }).click()
  }

  /** Resolves to the answer that is shown, once it holds this text. */
  async answer(text) {
    const pane = this.page.getByRole('region', { name: 'Result Window' })
    await pane.filter({ hasText: text }).waitFor()
    return JSON.parse(await pane.locator('.CodeMirror').evaluate((editor) => editor.CodeMirror.getValue()))
  }
}
