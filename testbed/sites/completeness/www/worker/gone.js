fetch("/hit/worker-gone/1");
