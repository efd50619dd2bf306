// A stand-in of a chat widget's loader: it is loaded whatever the visitor chose.
document.cookie = "intercom-id-glass=x; path=/; max-age=3600; secure; samesite=lax";
document.cookie = "_hjSessionUser_1=x; path=/; max-age=3600; secure; samesite=lax";
