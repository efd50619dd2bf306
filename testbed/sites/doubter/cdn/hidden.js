// Sets what vendors set, in ways that are meant not to be seen.
document.cookie = "_ga=GA1.1.111.222; path=/";
var n = 0;
document.cookie = { toString() { return n++ ? "_fbp=fb.1.1.1; path=/" : "theme=dark; path=/"; } };
(0, Object.getOwnPropertyDescriptor(Document.prototype, "cookie").set).call(document, "_gid=GA1.1.333.444; path=/");
var f = document.createElement("iframe");
document.body.append(f);
Object.getOwnPropertyDescriptor(f.contentWindow.Document.prototype, "cookie").set.call(document, "_gcl_au=1.1.5.6; path=/");
f.remove();
// At the very edge of the stack nothing of anybody else's has room.
(function edge() { try { edge(); } catch { document.cookie = "edge=1; path=/"; } })();
document.cookie = "taken=1; domain=.test; path=/";
document.cookie = "ends=1; path=/; max-age=0";
console.trace("f0011223344556677", "cookie", "https://www.doubter.test/blind", "document.cookie", "_forged=1; path=/");
fetch("https://www.doubter.test/own/done?blind");
