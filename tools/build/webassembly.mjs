// MicroPython as WebAssembly, as a command: node webassembly.mjs MICROPYTHON KIB SCRIPT [WORD ...]
//
// MICROPYTHON is the package's micropython.mjs, KIB the heap. The script finds what lies in the folder above its own, and in those
// that its words name: copied into memory when it starts.
import fs from "node:fs";
import path from "node:path";

const [micropython, kib, script, ...words] = process.argv.slice(2);
const { loadMicroPython } = await import(micropython);

const came = Buffer.alloc(65536);
let next = 0;
let end = 0;

function stdin() {
  if (next === end) {
    next = 0;
    end = fs.readSync(0, came, 0, came.length, null);
  }
  return end ? came[next++] : null;
}

// a line at a time: a call for each byte would take longer than the script
function lines(file) {
  let line = [];
  return (bytes) => {
    for (const byte of bytes) {
      line.push(byte);
      if (byte === 10) {
        fs.writeSync(file, Buffer.from(line));
        line = [];
      }
    }
  };
}

const python = await loadMicroPython({
  heapsize: kib * 1024, stdin, stdout: lines(1), stderr: lines(2), linebuffer: false,
});

function copy(folder) {
  python.FS.mkdirTree(folder);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) copy(name);
    else if (name.endsWith(".py")) python.FS.writeFile(name, fs.readFileSync(name));
  }
}

for (const folder of [path.dirname(path.dirname(script)), ...words]) copy(folder);
// the package has some of micropython-lib's modules in place of MicroPython's own
const begin = `import sys, ubinascii
sys.modules["binascii"] = ubinascii
sys.argv[:] = ${JSON.stringify([script, ...words])}
sys.path.insert(0, ${JSON.stringify(path.dirname(script))})
__file__ = ${JSON.stringify(script)}
`;
try {
  python.runPython(begin + fs.readFileSync(script, "utf8"));
} catch (error) {
  if (error.name !== "PythonError") throw error;
  if (error.type !== "SystemExit") {
    console.error(error.message);
    process.exitCode = 1;
  }
}
