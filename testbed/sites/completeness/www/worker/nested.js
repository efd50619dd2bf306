fetch("/hit/worker-nested/1");
importScripts("https://sink.collect.test/hit/worker-nested/2.js");
