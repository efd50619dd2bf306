import "/hit/worker-module/1.js";
fetch("/hit/worker-module/2");
import("/hit/worker-module/3.js");
