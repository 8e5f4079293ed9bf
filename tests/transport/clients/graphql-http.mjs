// Run by mod.rs beside the installed packages: node - URL
// The audit of the GraphQL over HTTP specification: what MUST be, SHOULD be and MAY be.
import { auditServer } from 'graphql-http'

const results = await auditServer({ url: process.argv[2] })
const failed = results.filter(({ status }) => status !== 'ok')
for (const { id, name, status, reason } of failed) console.error(`${status} ${id} ${name}: ${reason}`)
process.exitCode = failed.length === 0 && results.length > 50 ? 0 : 1
