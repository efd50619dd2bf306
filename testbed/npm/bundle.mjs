// Copies and builds what the testbed serves from the locked npm packages into dist/<name>.js.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = (path) => join(here, "node_modules", path);
const to = (name) => join(here, "dist", name);

// Files that work as they are.
const copies = {
  "amplitude-session-replay.js": "@amplitude/session-replay-browser/lib/scripts/session-replay-browser-min.js",
  "cookieconsent.css": "cookieconsent/build/cookieconsent.min.css",
  "cookieconsent.js": "cookieconsent/build/cookieconsent.min.js",
  "klaro.js": "klaro/dist/klaro.js",
  "logrocket.js": "logrocket/dist/build.umd.js",
  "mixpanel-recorder.min.js": "mixpanel-browser/dist/mixpanel-recorder.min.js",
  "orejime.css": "orejime/dist/orejime-standard.css",
  "orejime.js": "orejime/dist/orejime-standard-en.js",
  "posthog.js": "posthog-js/dist/array.js",
  "posthog-full-recorder.js": "posthog-js/dist/recorder.js",
  "posthog-lazy-recorder.js": "posthog-js/dist/lazy-recorder.js",
  "posthog-recorder.js": "posthog-js/dist/posthog-recorder.js",
  "rrweb.js": "rrweb/dist/rrweb.umd.min.cjs",
  "segment.js": "@segment/analytics-next/dist/umd/standalone.js",
  "snowplow.js": "@snowplow/browser-tracker/dist/index.umd.min.js",
  "snowplow-forms.js": "@snowplow/browser-plugin-form-tracking/dist/index.umd.min.js",
  "tarteaucitron.js": "tarteaucitronjs/tarteaucitron.min.js",
  "tarteaucitron.services.js": "tarteaucitronjs/tarteaucitron.services.min.js",
  "tarteaucitron.css": "tarteaucitronjs/css/tarteaucitron.min.css",
  "tarteaucitron.en.js": "tarteaucitronjs/lang/tarteaucitron.en.min.js",
  "vanilla-cookieconsent.css": "vanilla-cookieconsent/dist/cookieconsent.css",
  "vanilla-cookieconsent.js": "vanilla-cookieconsent/dist/cookieconsent.umd.js",
};

// What ships as modules only: the whole package becomes one global.
const bundles = {
  "sentry.js": { contents: 'export * from "@sentry/browser";', globalName: "Sentry" },
};

rmSync(join(here, "dist"), { recursive: true, force: true });
mkdirSync(join(here, "dist"), { recursive: true });
for (const [name, path] of Object.entries(copies)) copyFileSync(from(path), to(name));
for (const [name, { contents, globalName }] of Object.entries(bundles)) {
  await build({
    stdin: { contents, resolveDir: here },
    outfile: to(name),
    bundle: true,
    minify: true,
    format: "iife",
    globalName,
    logLevel: "warning",
  });
}
