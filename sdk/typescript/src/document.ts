import { print, type DocumentNode } from 'graphql'

/** What bears the types of a document: the same mark as that of `@graphql-typed-document-node/core`. */
interface Typed<Data, Variables> {
  /** Is never there when it runs: it holds the types together. */
  __apiType?: (variables: Variables) => Data
}

/**
 * A GraphQL document that knows the types of its variables and of its answer: one of this package's, or one that
 * `@graphql-codegen` has made of the app's own, as `TypedDocumentString` or as `TypedDocumentNode`.
 */
export type TypedDocument<Data, Variables> = (DocumentNode | String) & Typed<Data, Variables>

/** A document as text. */
export class TypedDocumentString<Data, Variables> extends String implements Typed<Data, Variables> {
  declare __apiType?: (variables: Variables) => Data
  /** What the generator knows of it. */
  readonly __meta__: { readonly [key: string]: unknown } | undefined

  constructor(text: string, meta?: { readonly [key: string]: unknown }) {
    super(text)
    this.__meta__ = meta
  }
}

/** The text of a document. */
export const textOf = (document: DocumentNode | String): string =>
  document instanceof String ? document.toString() : print(document)
