importScripts("https://cdn.doubter-tags.test/checks.js");
checks(self).then((noticed) => postMessage(noticed));
