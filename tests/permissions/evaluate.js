// Answers one JSON document, {"quickly", "requests"}, with one word for each request: Allowed, ImplicitlyDenied or
// ExplicitlyDenied. Quickly means by the policies of the role alone; else policies, actions, ARNs and condition keys must
// be such as IAM takes.
const { readFileSync } = require('node:fs')
const { runSimulation, runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')

async function main() {
  const { quickly, requests } = JSON.parse(readFileSync(0, 'utf8'))
  const answers = []
  for (const { principal, action, resource, account, context, identity, policy } of requests) {
    const simulation = {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identity.map(({ name, document }) => ({ name, policy: document })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: quickly ? undefined : (policy ?? undefined),
    }
    if (quickly) {
      answers.push(runUnsafeSimulation(simulation, {}))
      continue
    }
    const found = await runSimulation(simulation, {})
    if (found.resultType === 'error') {
      throw new Error(`${principal} ${action} ${resource}: ${JSON.stringify(found.errors)}`)
    }
    answers.push(found.overallResult)
  }
  process.stdout.write(JSON.stringify(answers))
}

main()
