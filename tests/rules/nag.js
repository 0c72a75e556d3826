// Prints what each pack of cdk-nag finds in each template: rule, resource and message.
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const nag = require("cdk-nag");

const packs = Object.values(nag).filter((exported) => exported.prototype instanceof nag.NagPack);
const findings = [];
for (const templateFile of process.argv.slice(2)) {
  const stack = new Stack(new App(), "stack");
  new CfnInclude(stack, "template", { templateFile });
  for (const Pack of packs) {
    for (const { ruleName, description, violatingResources } of new Pack().validateScope(stack).violations) {
      for (const { constructPath } of violatingResources) {
        findings.push([templateFile, ruleName, constructPath.split("/").at(-1), description]);
      }
    }
  }
}
console.log(JSON.stringify(findings));
