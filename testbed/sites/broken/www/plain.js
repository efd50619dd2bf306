// Blocked as mixed content, or upgraded.
