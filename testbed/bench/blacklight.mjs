// Blacklight's collector, if it is installed, on the same pages: one after the other, each in a browser of its own, as
// it works. Reads { folder, browser, switches, pages, out } on stdin; `folder` is where `npm install` put it. Prints
// how many pages it finished.
import { createRequire } from "node:module";
import { join } from "node:path";
import { readFileSync, writeSync } from "node:fs";

const wanted = JSON.parse(readFileSync(0, "utf8"));
const { collect } = createRequire(join(wanted.folder, "package.json"))("@themarkup/blacklight-collector");
let finished = 0;
for (const url of wanted.pages) {
  const result = await collect(url, {
    outDir: wanted.out, numPages: 0, headless: true, puppeteerExecutablePath: wanted.browser, extraChromiumArgs: wanted.switches,
  });
  finished += result.status === "success" ? 1 : 0;
}
writeSync(1, JSON.stringify({ finished }) + "\n");
process.exit(0);
