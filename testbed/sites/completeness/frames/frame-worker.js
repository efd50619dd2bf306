fetch("/hit/frame-worker/1");
