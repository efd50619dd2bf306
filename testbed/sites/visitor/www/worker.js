// A worker of any kind; its name says which.
importScripts("/tell.js");
tell(new URL(location).searchParams.get("is"));
