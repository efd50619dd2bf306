// Before anything of a page could run.
const hardware = navigator.hardwareConcurrency;
const opened = indexedDB.open("worker-db", 1);
opened.onupgradeneeded = () => opened.result.createObjectStore("w", { keyPath: "k" });
opened.onsuccess = () => opened.result.transaction("w", "readwrite").objectStore("w").add({ k: "from-worker", hardware });
